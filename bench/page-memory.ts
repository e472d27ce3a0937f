/**
 * Memory for the page cache that the machine has already. The host of a virtual machine may take back what has been free for a
 * second or two; that it gives it again when it is touched, page by page, costs whoever writes 256 MiB up to half a second of
 * processor time. So a file that is made anew gets the memory of the one before it: little of it is ever free.
 */
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { MiB } from './seeded-file.ts';

const LOOK_EVERY_MS = 20;
/** Beyond what the new file has taken. */
const AHEAD_BYTES = 32 * MiB;

export interface Replacement {
  /** The old file, if there is one: it leaves its place at once. */
  readonly old: string;
  /** To where, on the same disk. */
  readonly away: string;
  /** Where the new one is being written. */
  readonly next: string;
}

/** Gives the memory of the old file back as the new one grows; all of it when it is disposed. */
export async function replaceBitByBit({ old, away, next }: Replacement): Promise<AsyncDisposable> {
  if ((await sizeOf(old)) === 0) return { [Symbol.asyncDispose]: async () => {} };
  await rename(old, away);
  const file = await open(away, 'r+');
  const { size } = await file.stat();
  let isOver = false;
  async function giveBack(): Promise<void> {
    for (let left = size; left > 0 && !isOver; await setTimeout(LOOK_EVERY_MS)) {
      left = Math.min(left, Math.max(0, size - (await sizeOf(next)) - AHEAD_BYTES));
      await file.truncate(left);
    }
  }
  const giving = giveBack();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await giving;
      await file.close();
      await rm(away);
    },
  };
}

/** 0 when there is none. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}
