import {
  type DeclineReason,
  FILE_ANSWER_TYPE,
  type FileAnswer,
  type FileRequest,
} from '../../../events/peer/file-request.ts';
import type { DeviceId } from '../../../ids.ts';
import type { PeerIdentity } from '../../../ports.ts';
import { withoutChunks } from '../../assembly/chunked-file.ts';
import type { OwnBytesCheck } from '../../disk/own-bytes.ts';
import { fileKey } from '../../file-key.ts';
import type { FileStops } from '../../file-stops.ts';
import { createRateLimit } from '../../pace/rate-limit.ts';
import type { TransferSlots } from '../../pace/transfer-slots.ts';
import type { AnnouncedFile, ReadableFile } from '../../ports.ts';
import type { RequestCounter } from '../../request-counts.ts';
import { anyStop, type StopSignals, stopReason } from '../stop-signals.ts';
import type { SubTransferOutcome } from '../transfer-input.ts';
import { answerRequest, reasonToKeep } from './answer-request.ts';
import { type ServeContext, serveOver } from './serve-over.ts';

type ServeOutcome =
  | { readonly outcome: SubTransferOutcome }
  | { readonly outcome: 'declined'; readonly reason: DeclineReason };

export interface ServingContext extends ServeContext {
  readonly ownBytes: OwnBytesCheck;
  readonly stops: FileStops;
  /** All transfers that are served. */
  readonly slots: TransferSlots;
  readonly interrupted: AbortSignal;
  readonly requests: RequestCounter;
}

export interface Serving {
  /** Checks a request, then proposes the file to the device that asks, or tells it why not. */
  answer(peer: PeerIdentity, request: FileRequest): Promise<void>;
}

export function createServing(context: ServingContext): Serving {
  const { options, stops, slots, interrupted, requests } = context;
  const { log, clock } = options;
  const underWay = new Map<string, Promise<ServeOutcome>>();
  const limit = createRateLimit(clock);

  /** Looks at the own bytes before the wait for a slot as well: a no should not wait. */
  async function serve(file: AnnouncedFile, device: DeviceId, onEnding: () => void): Promise<ServeOutcome> {
    const stop = { ...stops.signalsOf(file), interrupted };
    const signal = anyStop(stop);
    let release = () => {};
    try {
      const reason = await reasonAgainst(context, file, signal);
      if (reason) return { outcome: 'declined', reason };
      release = await slots.of(file).acquire(device, signal);
      const source = await openOwn(context, file, signal);
      if (typeof source === 'string') return { outcome: 'declined', reason: source };
      await using _ = source;
      const { outcome } = await serveOver(context, await asItIs(file, signal), { device, source, stop, onEnding });
      return { outcome };
    } catch (error) {
      if (!signal.aborted) throw error;
      return unserved(stop);
    } finally {
      release();
    }
  }

  /** Under a root that is not its own no chunk would be right: such a file is served as one without chunks. */
  async function asItIs(file: AnnouncedFile, signal: AbortSignal): Promise<AnnouncedFile> {
    return (await options.chunkLists.of(file, { signal })) ? file : withoutChunks(file);
  }

  /** Asked again while it is under way, it is done once. */
  function serveOnce(file: AnnouncedFile, device: DeviceId): Promise<ServeOutcome> {
    const key = `${fileKey(file)} ${device}`;
    const running = underWay.get(key);
    if (running !== undefined) return running;
    // Who hears that it is over may ask again at once.
    const forget = () => void (underWay.get(key) === started && underWay.delete(key));
    const started = serve(file, device, forget).finally(forget);
    underWay.set(key, started);
    return started;
  }

  async function verdictOn(peer: PeerIdentity, request: FileRequest): Promise<DeclineReason | undefined> {
    if (!limit.allows(peer.device)) return 'too-many-requests';
    const verdict = answerRequest({ request, peer, log });
    if ('declined' in verdict) return verdict.declined;
    const served = await serveOnce(verdict.serve, peer.device);
    return served.outcome === 'declined' ? served.reason : undefined;
  }

  return {
    async answer(peer, request) {
      const reason = await verdictOn(peer, request);
      requests.count(reason);
      if (reason === undefined) return;
      const { conversation, interaction } = request;
      const answer: FileAnswer = { conversation, interaction, answer: 'declined', reason };
      // An asker that is gone does not need the answer.
      await options.sendMessage(peer.device, FILE_ANSWER_TYPE, answer).catch(() => {});
    },
  };
}

/** Stopped before anything was proposed. */
function unserved(stop: StopSignals): ServeOutcome {
  const reason = stopReason(stop) ?? 'interrupted';
  if (reason === 'interrupted') return { outcome: reason };
  return { outcome: 'declined', reason: reason === 'paused' ? 'paused' : 'withheld' };
}

/** What costs less to find out comes first: a file that is not given away is not hashed. */
async function reasonAgainst(
  context: ServingContext,
  file: AnnouncedFile,
  signal: AbortSignal,
): Promise<DeclineReason | undefined> {
  const { storeOf, wishOf } = context.options;
  const isHere = (await storeOf(file.conversation).stamp(file.fileId)) !== undefined;
  const reason = reasonToKeep({ isHere, wish: wishOf(file) });
  if (reason) return reason;
  const source = await openOwn(context, file, signal);
  if (typeof source === 'string') return source;
  await source[Symbol.asyncDispose]();
  return undefined;
}

async function openOwn(
  { ownBytes }: ServingContext,
  file: AnnouncedFile,
  signal: AbortSignal,
): Promise<ReadableFile | DeclineReason> {
  const own = await ownBytes.open(file, { signal });
  if (own.are === 'right') return own.source;
  return own.are === 'missing' ? 'has-not' : 'digest-mismatch';
}
