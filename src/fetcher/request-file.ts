import { isSyncError } from '../errors.ts';
import type { DeclineReason } from '../events/file-request.ts';
import type { DeviceId } from '../ids.ts';
import type { Questions } from './ask-for-file.ts';
import { fileKey } from './file-key.ts';
import type { AnnouncedFile } from './ports.ts';
import { finishPartial, type ReceivingContext, receiveOver } from './receiving.ts';
import type { Slots } from './slots.ts';
import { anyStop, STOPPED_OUTCOMES, type StopSignals, stopReason } from './stop-signals.ts';
import type { SubTransferFailure } from './transfer-input.ts';

export type RequestOutcome =
  /** The file stands under its name, verified. */
  | { readonly outcome: 'complete' }
  | { readonly outcome: 'declined'; readonly reason: DeclineReason | 'no-answer' | 'not-reachable' }
  | { readonly outcome: SubTransferFailure };

export interface RequestContext extends ReceivingContext {
  readonly questions: Questions;
  /** One receiver per file: the partial file has one writer. */
  readonly turns: Slots;
  /** All transfers that are received. */
  readonly slots: Slots;
}

export interface RequestOptions {
  readonly device: DeviceId;
  readonly stop: StopSignals;
}

/**
 * Gets one file from one device: waits for its turn, asks, receives. When somebody else has brought the file meanwhile, or
 * it was all here but for the verification, nobody is asked.
 * Throws FILE_FAILED, WORKER_FAILED for failures of this machine.
 */
export async function requestFile(
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
    held.push(await slots.acquire(device, signal));
    const answer = await context.questions.ask(file, device, { signal });
    if (answer.kind === 'declined') return { outcome: 'declined', reason: answer.reason };
    const { outcome } = await receiveOver(answer.channel, file, { context, stop });
    return { outcome };
  } catch (error) {
    if (isSyncError(error, 'DISK_FULL')) return { outcome: 'disk-full' };
    const stopped = stopReason(stop);
    if (stopped) return { outcome: STOPPED_OUTCOMES[stopped] };
    throw error;
  } finally {
    for (const release of held) release();
  }
}

/** Ends all that is under way for the file, which throws away what it has, and then what an earlier try left behind. */
export async function cancelFile(
  { stops, turns, options }: RequestContext,
  file: AnnouncedFile,
  signal: AbortSignal,
): Promise<void> {
  stops.cancel(file);
  const release = await turns.acquire(fileKey(file), signal);
  try {
    const store = options.storeOf(file.conversation);
    if ((await store.partialSize(file.fileId)) !== undefined) await (await store.openPartial(file.fileId)).discard();
  } finally {
    release();
  }
}
