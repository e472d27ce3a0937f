/** Reading a file through the engine, whether it is here or not. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../../src/limits.ts';
import { createTestEngines, shareConversation } from '../../support/engine/engines.ts';
import { someBytes } from '../../support/fetcher/announced-file.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { until } from '../../support/time/until.ts';

const BYTES = someBytes(24 * CHUNK_BYTES + 5);
/** In the middle, and at no border of a chunk. */
const START = 16 * CHUNK_BYTES + 7;
const END = START + CHUNK_BYTES;

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

it('a stretch of a file that nobody asked for is here before the rest of it, and the rest comes as well', async () => {
  await using engines = await createTestEngines();
  const alice = await engines.start('alice', { policy: { auto: 'nothing' } });
  const bob = await engines.start('bob', { policy: { auto: 'nothing' } });
  const [atAlice, atBob] = await shareConversation(alice, bob);
  const path = join(await temporaryDirectory(), 'film.bin');
  await writeFile(path, BYTES);
  const { interaction, fileId } = await atAlice.sendFile(path);
  await until(() => atBob.missing().length === 1);
  const stretch = { start: START, end: END };
  const transfer = () => atBob.transfers().find((one) => one.interaction === interaction.id);

  bob.limitBandwidth({ down: 4 * CHUNK_BYTES });
  expect(Buffer.compare(await read(atBob.openReadStream(interaction.id, stretch)), BYTES.subarray(START, END))).toBe(0);
  expect(transfer()?.phase).toBe('running');

  bob.limitBandwidth({ down: null });
  await until(() => transfer()?.phase === 'complete');
  expect(Buffer.compare(await read(atBob.openReadStream(interaction.id)), BYTES)).toBe(0);

  // Nobody has told the engine that its own file is gone, and its policy fetches nothing unasked.
  await rm(join(await engines.home('alice'), 'conversation_data', atAlice.id, fileId));
  expect(Buffer.compare(await read(atAlice.openReadStream(interaction.id)), BYTES)).toBe(0);
});
