/** A thread that screens commits, slice by slice, until somebody ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import { isSyncError } from '../../errors.ts';
import { openFileAccess } from '../repository/file-access-adapter.ts';
import { createBaseCache, type PackSource } from '../repository/packs/packed-object.ts';
import { createKeyQuestions } from './key-questions.ts';
import type { PackSlice } from './pack-slices.ts';
import type { ScreenCommand, ScreenReport, ScreenWork } from './screen-message.ts';
import { screenSlice } from './screen-slice.ts';

const { packs } = workerData as ScreenWork;
const sources = new Map<number, PackSource | undefined>();
const questions = createKeyQuestions((question) => report({ kind: 'whose', ...question }));
let last = Promise.resolve();

parentPort?.on('message', (command: ScreenCommand) => {
  if (command.kind === 'key') questions.answer(command);
  else last = last.then(() => screen(command.slice));
});

function report(message: ScreenReport, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function screen({ pack, offsets, ids }: PackSlice): Promise<void> {
  const source = await sourceOf(pack);
  const records = source ? await screenSlice({ offsets, ids }, { source, keyOf: questions.keyOf }) : new Uint8Array();
  // Alone in its memory, which goes along.
  const own = new Uint8Array(records);
  report({ kind: 'screened', records: own }, [own.buffer]);
}

/** Undefined when the pack is there no more: who folds packs takes the old ones away. Then nothing is known of its commits. */
async function sourceOf(pack: number): Promise<PackSource | undefined> {
  if (!sources.has(pack)) sources.set(pack, await openPack(pack));
  return sources.get(pack);
}

async function openPack(pack: number): Promise<PackSource | undefined> {
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
