import { isSyncError } from '../../../errors.ts';
import type { DeclineReason } from '../../../events/peer/file-request.ts';
import type { DeviceId } from '../../../ids.ts';
import type { Assemblies } from '../../assembly/assemblies.ts';
import { type ChunkedFile, isInChunks, withoutChunks } from '../../assembly/chunked-file.ts';
import type { AssemblyEnd } from '../../assembly/conclusion.ts';
import { receiveShare } from '../../assembly/receive-share.ts';
import { fileFields, fileKey } from '../../file-key.ts';
import type { FileSlots } from '../../pace/file-slots.ts';
import type { Slots } from '../../pace/slots.ts';
import type { AnnouncedFile } from '../../ports.ts';
import { anyStop, STOPPED_OUTCOMES, type StopSignals, stopReason } from '../stop-signals.ts';
import type { SubTransferFailure, SubTransferOutcome } from '../transfer-input.ts';
import type { Questions } from './ask-for-file.ts';
import { finishPartial, type ReceivingContext, receiveOver } from './receiving.ts';

export type RequestOutcome =
  /** The file stands under its name, verified. */
  | { readonly outcome: 'complete' }
  | { readonly outcome: 'declined'; readonly reason: DeclineReason | 'no-answer' | 'not-reachable' }
  | { readonly outcome: SubTransferFailure };

export interface RequestContext extends ReceivingContext {
  readonly questions: Questions;
  readonly assemblies: Assemblies;
  /** One receiver per file without chunks: its bytes come in their order. */
  readonly turns: Slots;
  /** All files that are received. */
  readonly slots: FileSlots;
}

export interface RequestOptions {
  readonly device: DeviceId;
  readonly stop: StopSignals;
}

/**
 * Gets one file from one device: waits for its turn, asks, receives. Of a file in chunks, the device sends its share
 * beside others. When somebody else has brought the file meanwhile, or it was all here but for the verification, nobody
 * is asked. Throws FILE_FAILED, WORKER_FAILED for failures of this machine.
 */
export async function requestFile(
  context: RequestContext,
  file: AnnouncedFile,
  options: RequestOptions,
): Promise<RequestOutcome> {
  try {
    if (!isInChunks(file)) return await requestWhole(context, file, options);
    const outcome = await requestShare(context, file, options);
    return outcome === 'without-chunks' ? await requestWithoutChunks(context, file, options) : outcome;
  } catch (error) {
    if (isSyncError(error, 'DISK_FULL')) {
      await noteLocalFailure(context, file, { device: options.device, outcome: 'disk-full' });
      return { outcome: 'disk-full' };
    }
    const stopped = stopReason(options.stop);
    if (stopped) return { outcome: STOPPED_OUTCOMES[stopped] };
    if (isSyncError(error, 'FILE_FAILED'))
      await noteLocalFailure(context, file, { device: options.device, outcome: 'disk-failed' });
    throw error;
  }
}

/** So that the file says what it waits for, and is tried again, later each time. */
async function noteLocalFailure(
  { notebook, options }: RequestContext,
  file: AnnouncedFile,
  { device: peer, outcome }: { readonly device: DeviceId; readonly outcome: 'disk-full' | 'disk-failed' },
): Promise<void> {
  const about = { ...fileFields(file), peer, direction: 'receiving', bytes: 0 } as const;
  notebook.note({ kind: 'sub-transfer-ended', ...about, outcome, at: options.clock.now() });
  await notebook.written();
}

async function requestWhole(
  context: RequestContext,
  file: AnnouncedFile,
  { device, stop }: RequestOptions,
): Promise<RequestOutcome> {
  const { turns, slots, ownBytes } = context;
  const signal = anyStop(stop);
  const held: Array<() => void> = [];
  try {
    held.push(await turns.acquire(fileKey(file), signal));
    if (await ownBytes.areRight(file, { signal })) return { outcome: 'complete' };
    if (await finishPartial(file, context, signal)) return { outcome: 'complete' };
    held.push(await slots.acquire(file, { device, signal }));
    const { mustStartOver, ...first } = await askAndReceive(context, file, { device, stop });
    if (!mustStartOver) return first;
    const { mustStartOver: _, ...second } = await askAndReceive(context, file, { device, stop });
    return second;
  } finally {
    for (const release of held) release();
  }
}

async function askAndReceive(
  context: RequestContext,
  file: AnnouncedFile,
  { device, stop }: RequestOptions,
): Promise<RequestOutcome & { readonly mustStartOver: boolean }> {
  const answer = await context.questions.ask(file, device, { signal: anyStop(stop) });
  if (answer.kind === 'declined') return { outcome: 'declined', reason: answer.reason, mustStartOver: false };
  const { outcome, mustStartOver } = await receiveOver(answer.channel, file, { context, stop });
  return { outcome, mustStartOver };
}

async function requestShare(
  context: RequestContext,
  file: ChunkedFile,
  { device, stop }: RequestOptions,
): Promise<RequestOutcome | 'without-chunks'> {
  const seat = await context.assemblies.enter(file, stop);
  if (seat === 'complete') return { outcome: 'complete' };
  await using held = seat;
  const { assembly } = held;
  // Once the others have brought all of it, nobody needs to be waited for.
  const signal = AbortSignal.any([anyStop(stop), assembly.over]);
  let release = () => {};
  try {
    release = await context.slots.acquire(file, { device, signal });
    const answer = await context.questions.ask(file, device, { signal });
    if (answer.kind === 'declined') return { outcome: 'declined', reason: answer.reason };
    const { outcome, isWithoutChunks } = await receiveShare(answer.channel, { assembly, context, stop });
    if (isWithoutChunks && !assembly.over.aborted) return 'without-chunks';
    return assembly.over.aborted ? outcomeOf(assembly.end(), outcome) : { outcome };
  } catch (error) {
    if (assembly.over.aborted && !stopReason(stop)) return outcomeOf(assembly.end(), 'interrupted');
    throw error;
  } finally {
    release();
  }
}

/** What an assembly has left of the file has gaps, and is of no use to one who takes it from its beginning. */
async function requestWithoutChunks(
  context: RequestContext,
  file: ChunkedFile,
  options: RequestOptions,
): Promise<RequestOutcome> {
  const { assemblies, notebook, ownBytes } = context;
  const { storeOf, clock } = context.options;
  const signal = anyStop(options.stop);
  const release = await assemblies.holdOff(file, signal);
  try {
    if (await ownBytes.areRight(file, { signal })) return { outcome: 'complete' };
    if (await storeOf(file.conversation).removePartial(file.fileId))
      notebook.note({ kind: 'chunks-checked', ...fileFields(file), ranges: [], at: clock.now() });
    return await requestWhole(context, withoutChunks(file), options);
  } finally {
    release();
  }
}

/** A source that was dropped before the others completed the file has its own outcome. */
function outcomeOf(end: AssemblyEnd | undefined, own: SubTransferOutcome): RequestOutcome {
  if (end && 'failure' in end) throw end.failure;
  return { outcome: own === 'interrupted' && end ? end.outcome : own };
}

/** Ends all that is under way for the file, which throws away what it has, and then what an earlier try left behind. */
export async function cancelFile(
  { stops, turns, assemblies, options }: RequestContext,
  file: AnnouncedFile,
  signal: AbortSignal,
): Promise<void> {
  stops.cancel(file);
  await assemblies.gone(file, signal);
  const release = await turns.acquire(fileKey(file), signal);
  try {
    const store = options.storeOf(file.conversation);
    if ((await store.partialSize(file.fileId)) !== undefined) await (await store.openPartial(file.fileId)).discard();
  } finally {
    release();
  }
}
