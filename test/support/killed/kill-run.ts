/**
 * One run of the endurance test: a file is announced and fetched between two real processes, one of them is killed with
 * SIGKILL at a moment that the seed draws, comes back, and the file has to arrive whole, with nothing left lying about.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readHistory } from '../../../src/conversation/log/history.ts';
import { openSource } from '../../../src/conversation/repository/open-source-adapter.ts';
import { callEngine } from '../../../src/engine/control/call-engine-adapter.ts';
import { isSyncError } from '../../../src/errors.ts';
import { files } from '../../../src/projections/files.ts';
import { project } from '../../../src/projections/projection.ts';
import type { RunningCli } from '../cli/built-program.ts';
import { startEngine, until } from '../cli/device.ts';
import { sha3Of, someBytes } from '../fetcher/announced-file.ts';
import { patience } from '../time/patience.ts';
import { type Return, watchReturn } from './watch-return.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Around every border there is: nothing, one byte, a small file, a chunk, a chunk and a byte, several, many. */
const SIZES = [0, 1, 4 * KiB, 64 * KiB + 1, MiB, MiB + 1, 5 * MiB, 24 * MiB, 64 * MiB];

/** When the process is killed. */
export const MOMENTS = ['while announcing', 'while asking', 'in the middle', 'near the end', 'at the end'] as const;

export interface KillRun {
  readonly seed: number;
  readonly size: number;
  readonly victim: 'sender' | 'receiver';
  readonly moment: (typeof MOMENTS)[number];
  /** After the moment, so that the kill falls on any instruction. Milliseconds. */
  readonly after: number;
}

/** The same run for the same seed. */
export function drawRun(seed: number): KillRun {
  const drawn = createHash('sha256').update(`kill run ${seed}`).digest();
  const pick = <T>(values: readonly T[], at: number): T => values[drawn.readUInt32BE(at) % values.length] as T;
  const moment = pick(MOMENTS, 8);
  return {
    seed,
    size: pick(SIZES, 0),
    victim: moment === 'while announcing' ? 'sender' : pick(['sender', 'receiver'] as const, 4),
    moment,
    after: drawn.readUInt32BE(12) % 40,
  };
}

export interface Person {
  readonly home: string;
  engine: RunningCli;
  /** The process before, which was killed. */
  former?: RunningCli;
}

export interface KillStage {
  readonly folder: string;
  readonly bootstrap: string;
  readonly conversation: string;
  /** What each engine is started with, beside its home and the DHT. */
  readonly engineOptions: readonly string[];
  readonly sender: Person;
  readonly receiver: Person;
}

export interface KillResult extends KillRun {
  /** What lay in the temporary file when the process died. */
  readonly bytesThen: number;
  readonly wasAnnounced: boolean;
  readonly back: Return;
}

/** Throws when the file does not arrive, arrives wrong, or something is left behind. */
export async function killRun(stage: KillStage, run: KillRun): Promise<KillResult> {
  const path = join(stage.folder, `run-${run.seed}.bin`);
  const digest = writeSeeded(path, run);
  const victim = stage[run.victim];
  const returning = (target: string) => watchReturn({ victim, target, restart: () => restart(stage, victim) });
  // Its engine may die under it: what counts is what the log says afterwards.
  const announcing = callOn(stage.sender, 'send-file', { conversation: stage.conversation, path }).catch(
    () => undefined,
  );
  let back: Awaited<ReturnType<typeof returning>> | undefined;
  if (run.moment === 'while announcing') {
    await delay(run.after);
    back = await returning(path);
  }
  await announcing;
  const announced = (await announcedAt(stage, stage.sender)).get(`run-${run.seed}.bin`);
  const fileId = announced ?? (await announceAgain(stage, path));
  const target = join(dataOf(stage, stage.receiver), fileId);
  const interaction = fileId.slice(0, 40);
  await until(() => isKnownTo(stage, stage.receiver, interaction));

  const fetching = fetch(stage, interaction);
  let bytesThen = 0;
  if (back === undefined) {
    // A fetch that fails has a reason to give, where the moment would only never come.
    await Promise.race([momentOf(run, target), fetching]);
    await delay(run.after);
    bytesThen = sizeOf(`${target}.tmp`);
    back = await returning(target);
  }
  // Who asked for it may have died meanwhile; that the sender dies is no reason to give up.
  await fetching.catch((error: unknown) => {
    if (run.victim === 'sender') throw error;
  });
  if (!existsSync(target)) await fetch(stage, interaction);
  await expectWhole(stage, { target, digest, run });
  return { ...run, bytesThen, wasAnnounced: announced !== undefined, back: await back.over };
}

async function announceAgain({ sender, conversation }: KillStage, path: string): Promise<string> {
  const { fileId } = (await callOn(sender, 'send-file', { conversation, path })) as { fileId: string };
  return fileId;
}

function fetch({ receiver, conversation }: KillStage, interaction: string): Promise<unknown> {
  return callOn(receiver, 'fetch', { conversation, files: [interaction], wait: true });
}

/** Resolves when the moment has come, or the file is there already: small ones are too fast for a middle. */
async function momentOf({ moment, size }: KillRun, target: string): Promise<void> {
  const shares = {
    'while announcing': 0,
    'while asking': 0,
    'in the middle': 0.4,
    'near the end': 0.9,
    'at the end': 1,
  };
  const bytes = Math.floor(size * shares[moment]);
  if (moment === 'while asking') return;
  await until(() => existsSync(target) || sizeOf(`${target}.tmp`) >= bytes, 1);
}

export async function restart({ bootstrap, engineOptions }: KillStage, victim: Person): Promise<void> {
  await victim.engine.kill('SIGKILL');
  victim.former = victim.engine;
  victim.engine = await startEngine(victim, bootstrap, ...engineOptions);
}

interface Expected {
  readonly target: string;
  readonly digest: string;
  readonly run: KillRun;
}

async function expectWhole(stage: KillStage, { target, digest, run }: Expected): Promise<void> {
  await until(() => existsSync(target));
  if (sha3Of(readFileSync(target)) !== digest)
    throw new Error(`seed ${run.seed}: the file under its name is not what was announced`);
  for (const person of [stage.sender, stage.receiver]) {
    await until(() => leftovers(stage, person).length === 0);
  }
}

/** Whatever is on its way; nothing is, once a run is over. */
export function leftovers(stage: KillStage, person: Person): readonly string[] {
  return readdirSync(dataOf(stage, person)).filter((name) => name.endsWith('.tmp') || name.endsWith('.staged'));
}

/** Announced files by their display names, as the log on a device's disk tells it. */
export async function announcedAt({ conversation }: KillStage, { home }: Person): Promise<ReadonlyMap<string, string>> {
  await using reader = await openSource(join(home, 'conversations', conversation));
  const { signal } = new AbortController();
  const { announced } = project(files, await readHistory(reader, { order: 'canonical', signal }));
  return new Map([...announced].map(({ displayName, fileId }) => [displayName, fileId]));
}

/** Whether the engine has taken the announcement in: it does a moment after the log on the disk has it. */
export async function isKnownTo({ conversation }: KillStage, person: Person, file: string): Promise<boolean> {
  try {
    await callOn(person, 'why', { conversation, file });
    return true;
  } catch (error) {
    if (isSyncError(error, 'INTERACTION_UNKNOWN')) return false;
    throw error;
  }
}

export function callOn({ home }: Person, method: string, params: Record<string, unknown>): Promise<unknown> {
  return callEngine(home, { method, params, signal: patience(), isLong: true });
}

export function dataOf({ conversation }: KillStage, { home }: Person): string {
  return join(home, 'conversation_data', conversation);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Returns the digest. */
function writeSeeded(path: string, { size, seed }: KillRun): string {
  const bytes = someBytes(size, seed + 1);
  writeFileSync(path, bytes);
  return sha3Of(bytes);
}
