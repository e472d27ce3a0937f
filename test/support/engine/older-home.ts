import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is in the home that `makeOlderHome` makes. `chunkList` is the path below the folder of chunk lists. */
export const OLDER_HOME = {
  seed: Buffer.alloc(32, 7),
  chunkList: join('c'.repeat(40), `${'a'.repeat(40)}_1.ogg`),
  hashes: Buffer.alloc(64, 9),
} as const;

/** The engine's part of a home as the program left it whose homes were of version 1. */
export function makeOlderHome(path: string): typeof OLDER_HOME {
  const { seed, chunkList, hashes } = OLDER_HOME;
  for (const name of ['', 'conversations', 'conversation_data', 'chunk_hashes'])
    mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
  const list = join(path, 'chunk_hashes', chunkList);
  mkdirSync(dirname(list));
  writeFileSync(list, hashes);
  writeFileSync(join(path, 'dht.seed'), seed, { mode: 0o600 });
  writeFileSync(join(path, 'home.json'), '{"version":1}\n', { mode: 0o600 });
  return OLDER_HOME;
}
