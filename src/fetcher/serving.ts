import { type DeclineReason, FILE_ANSWER_TYPE, type FileAnswer, type FileRequest } from '../events/file-request.ts';
import type { DeviceId } from '../ids.ts';
import { REQUESTING_DEVICES } from '../limits.ts';
import type { PeerIdentity } from '../ports.ts';
import { answerRequest } from './answer-request.ts';
import type { Cancellations } from './cancellations.ts';
import { fileKey } from './file-key.ts';
import type { OwnBytesCheck } from './own-bytes.ts';
import type { AnnouncedFile, ReadableFile } from './ports.ts';
import { type Bucket, isFull, takeToken } from './rate-limit.ts';
import { type ServeContext, serveOver } from './serve-over.ts';
import type { Slots } from './slots.ts';
import type { SubTransferOutcome } from './transfer-input.ts';

export type ServeOutcome =
  | { readonly outcome: SubTransferOutcome }
  | { readonly outcome: 'declined'; readonly reason: DeclineReason };

export interface ServingContext extends ServeContext {
  readonly ownBytes: OwnBytesCheck;
  readonly cancellations: Cancellations;
  /** All transfers that are served. */
  readonly slots: Slots;
  readonly interrupted: AbortSignal;
}

export interface Serving {
  /** Checks a request, then proposes the file to the device that asks, or tells it why not. */
  answer(peer: PeerIdentity, request: FileRequest): Promise<void>;
  /** Proposes a file to a device that may have it. Asked again while it is under way, it is done once. */
  propose(file: AnnouncedFile, device: DeviceId): Promise<ServeOutcome>;
}

export function createServing(context: ServingContext): Serving {
  const { options, ownBytes, cancellations, slots, interrupted } = context;
  const { log, clock } = options;
  const underWay = new Map<string, Promise<ServeOutcome>>();
  const buckets = new Map<DeviceId, Bucket>();

  function isAllowed(device: DeviceId): boolean {
    const now = clock.now();
    const { bucket, isAllowed } = takeToken(buckets.get(device), now);
    buckets.set(device, bucket);
    if (buckets.size > REQUESTING_DEVICES) for (const [id, old] of buckets) if (isFull(old, now)) buckets.delete(id);
    return isAllowed;
  }

  async function open(file: AnnouncedFile, signal: AbortSignal): Promise<ReadableFile | DeclineReason> {
    const own = await ownBytes.open(file, { signal });
    if (own.are === 'right') return own.source;
    return own.are === 'missing' ? 'has-not' : 'digest-mismatch';
  }

  /** Looks at the own bytes before the wait for a slot as well: a no should not wait. */
  async function serve(file: AnnouncedFile, device: DeviceId): Promise<ServeOutcome> {
    const stop = { cancelled: cancellations.signalOf(file), interrupted };
    const signal = AbortSignal.any([stop.cancelled, interrupted]);
    const reason = await lacking(file, signal);
    if (reason) return { outcome: 'declined', reason };
    const release = await slots.acquire(device, signal);
    try {
      const source = await open(file, signal);
      if (typeof source === 'string') return { outcome: 'declined', reason: source };
      await using _ = source;
      const { outcome } = await serveOver(context, file, { device, source, stop });
      return { outcome };
    } finally {
      release();
    }
  }

  async function lacking(file: AnnouncedFile, signal: AbortSignal): Promise<DeclineReason | undefined> {
    const source = await open(file, signal);
    if (typeof source === 'string') return source;
    await source[Symbol.asyncDispose]();
    return undefined;
  }

  function propose(file: AnnouncedFile, device: DeviceId): Promise<ServeOutcome> {
    const key = `${fileKey(file)} ${device}`;
    const running = underWay.get(key) ?? serve(file, device).finally(() => underWay.delete(key));
    underWay.set(key, running);
    return running;
  }

  async function verdictOn(peer: PeerIdentity, request: FileRequest): Promise<DeclineReason | undefined> {
    if (!isAllowed(peer.device)) return 'too-many-requests';
    const verdict = answerRequest({ request, peer, log });
    if ('declined' in verdict) return verdict.declined;
    const served = await propose(verdict.serve, peer.device);
    return served.outcome === 'declined' ? served.reason : undefined;
  }

  return {
    propose,
    async answer(peer, request) {
      const reason = await verdictOn(peer, request);
      if (reason === undefined) return;
      const { conversation, interaction } = request;
      const answer: FileAnswer = { conversation, interaction, answer: 'declined', reason };
      // An asker that is gone does not need the answer.
      await options.sendMessage(peer.device, FILE_ANSWER_TYPE, answer).catch(() => {});
    },
  };
}
