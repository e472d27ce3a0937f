/**
 * One run of the endurance test with small files: all of them are fetched together between two real processes, one of
 * which is killed with SIGKILL when so many are there, and comes back. Each has to be there whole, with nothing left
 * lying about.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sha3Of, someBytes } from '../fetcher/announced-file.ts';
import { until } from '../time/until.ts';
import { callOn, dataOf, isKnownTo, type KillStage, leftovers, restart } from './kill-run.ts';

export interface SmallKillRun {
  readonly seed: number;
  readonly victim: 'sender' | 'receiver';
  /** Of the files: so many are there when the process dies. */
  readonly share: number;
  /** After that, so that the kill falls on any instruction. Milliseconds. */
  readonly after: number;
}

const SHARES = [0, 0.25, 0.5, 0.75, 0.95];

/** The same run for the same seed. */
export function drawSmallRun(seed: number): SmallKillRun {
  const drawn = createHash('sha256').update(`small kill run ${seed}`).digest();
  return {
    seed,
    victim: drawn.readUInt8(0) % 2 === 0 ? 'sender' : 'receiver',
    share: SHARES[drawn.readUInt8(1) % SHARES.length] ?? 0,
    after: drawn.readUInt8(2) % 40,
  };
}

/** The digest of each file, by its name on the disk. */
export type SmallFiles = ReadonlyMap<string, string>;

/** Announces so many files of up to 8 KiB, of which the receiver knows when this resolves. All runs may share them. */
export async function announceSmallFiles(stage: KillStage, count: number): Promise<SmallFiles> {
  const files = new Map<string, string>();
  const places = Array.from({ length: count }, (_, place) => place);
  async function announce(): Promise<void> {
    for (let place = places.shift(); place !== undefined; place = places.shift()) {
      const path = join(stage.folder, `small-${place}.bin`);
      const bytes = someBytes(1 + ((place * 977) % 8192), place + 1);
      writeFileSync(path, bytes);
      const sent = await callOn(stage.sender, 'send-file', { conversation: stage.conversation, path });
      files.set((sent as { fileId: string }).fileId, sha3Of(bytes));
    }
  }
  await Promise.all([announce(), announce(), announce(), announce()]);
  for (const fileId of files.keys()) await until(() => isKnownTo(stage, stage.receiver, fileId), 200);
  return files;
}

export interface SmallKillResult extends SmallKillRun {
  /** How many files were there when the process had died. */
  readonly hereThen: number;
}

/** Takes the files away at the receiver first. Throws when one does not arrive, arrives wrong, or something is left behind. */
export async function killSmallRun(stage: KillStage, files: SmallFiles, run: SmallKillRun): Promise<SmallKillResult> {
  const folder = dataOf(stage, stage.receiver);
  const pathOf = (fileId: string) => join(folder, fileId);
  const here = () => [...files.keys()].filter((fileId) => existsSync(pathOf(fileId))).length;
  const fetch = () => callOn(stage.receiver, 'fetch', { conversation: stage.conversation, wait: true });
  for (const fileId of files.keys()) rmSync(pathOf(fileId), { force: true });
  const fetching = fetch();
  await Promise.race([until(() => here() >= Math.floor(files.size * run.share), 1), fetching]);
  await delay(run.after);
  const hereThen = here();
  await restart(stage, stage[run.victim]);
  // Its engine may have died under it.
  await fetching.catch((error: unknown) => {
    if (run.victim === 'sender') throw error;
  });
  await fetch();
  for (const [fileId, digest] of files) {
    if (sha3Of(readFileSync(pathOf(fileId))) !== digest)
      throw new Error(`seed ${run.seed}: ${fileId} is not what was announced`);
  }
  for (const person of [stage.sender, stage.receiver]) await until(() => leftovers(stage, person).length === 0);
  return { ...run, hereThen };
}
