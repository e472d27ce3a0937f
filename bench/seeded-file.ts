/** Files that nothing can make smaller, always the same, and what hashing them costs alone. */
import { createCipheriv, createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

export const MiB = 1024 * 1024;
const PIECE_BYTES = MiB;

function* seededBytes(size: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  for (let made = 0; made < size; made += PIECE_BYTES)
    yield cipher.update(Buffer.alloc(Math.min(PIECE_BYTES, size - made)));
}

export async function writeSeededFile(path: string, size: number): Promise<void> {
  await using file = await open(path, 'w');
  for (const piece of seededBytes(size)) await file.write(piece);
}

/** MiB per second of SHA3-512 alone: the bytes are made before. */
export function hashSeeded(size: number): number {
  const hash = createHash('sha3-512');
  let spent = 0;
  for (const piece of seededBytes(size)) {
    const started = performance.now();
    hash.update(piece);
    spent += performance.now() - started;
  }
  return ((size / MiB) * 1000) / spent;
}
