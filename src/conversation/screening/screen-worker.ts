/** A thread that screens commits, task by task, for one history after the other. */
import { parentPort } from 'node:worker_threads';
import { isSyncError } from '../../errors.ts';
import { type FileAccess, openFileAccess } from '../repository/file-access-adapter.ts';
import { createBaseCache, type PackSource } from '../repository/packs/packed-object.ts';
import { createKeyQuestions, type KeyQuestions } from './key-questions.ts';
import type { PackSlice } from './pack-slices.ts';
import { screenArrival } from './screen-arrival.ts';
import type { ScreenCommand, ScreenReport, ScreenTask } from './screen-message.ts';
import { screenSlice } from './screen-slice.ts';

interface OpenPack extends PackSource {
  readonly access: FileAccess;
}

let packs: Extract<ScreenCommand, { kind: 'packs' }>['packs'] = [];
const sources = new Map<number, OpenPack | undefined>();
let questions = newQuestions();
let last = Promise.resolve();

parentPort?.on('message', (command: ScreenCommand) => {
  if (command.kind === 'key') questions.answer(command);
  else if (command.kind === 'packs') last = last.then(() => see(command.packs));
  else last = last.then(() => perform(command));
});

function report(message: ScreenReport, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** What was known of the packs before, and of the keys, is forgotten: the next history may be another one. */
async function see(next: typeof packs): Promise<void> {
  const read = [...sources.values()];
  packs = next;
  sources.clear();
  questions = newQuestions();
  for (const source of read) await source?.access[Symbol.asyncDispose]();
}

function newQuestions(): KeyQuestions {
  return createKeyQuestions((question) => report({ kind: 'whose', ...question }));
}

async function perform(task: ScreenTask): Promise<void> {
  const records = await (task.kind === 'slice'
    ? screenPacked(task.slice)
    : screenArrival(task.arrival, questions.keyOf));
  // Alone in its memory, which goes along.
  const own = new Uint8Array(records);
  report({ kind: 'screened', records: own }, [own.buffer]);
}

async function screenPacked({ pack, offsets, ids }: PackSlice): Promise<Uint8Array> {
  const source = await sourceOf(pack);
  return source ? screenSlice({ offsets, ids }, { source, keyOf: questions.keyOf }) : new Uint8Array();
}

/** Undefined when the pack is there no more: who folds packs takes the old ones away. Then nothing is known of its commits. */
async function sourceOf(pack: number): Promise<OpenPack | undefined> {
  if (!sources.has(pack)) sources.set(pack, await openPack(pack));
  return sources.get(pack);
}

async function openPack(pack: number): Promise<OpenPack | undefined> {
  const place = packs[pack];
  try {
    // Bases that are named by their id are looked for by whoever judges: here nobody knows where they stand.
    return (
      place && { access: await openFileAccess(place.path, place), bases: createBaseCache(), offsetOf: () => undefined }
    );
  } catch (error) {
    if (isSyncError(error, 'FILE_FAILED')) return undefined;
    throw error;
  }
}
