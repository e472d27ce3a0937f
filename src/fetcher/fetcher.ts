import { SyncError } from '../errors.ts';
import { FILE_ANSWER_TYPE, FILE_REQUEST_TYPE, FileAnswer, FileRequest } from '../events/peer/file-request.ts';
import type { DeviceId } from '../ids.ts';
import type { Channel, PeerIdentity } from '../ports.ts';
import { createAssemblies } from './assembly/assemblies.ts';
import { createOwnBytesCheck } from './disk/own-bytes.ts';
import { type ReadOptions, readFile } from './disk/read-file.ts';
import type { FetcherOptions } from './fetcher-options.ts';
import { fileKey } from './file-key.ts';
import { createFileStops } from './file-stops.ts';
import { createNotebook } from './notebook.ts';
import { createFileSlots } from './pace/file-slots.ts';
import { createSlots } from './pace/slots.ts';
import { createReceivingSlots, createServingSlots } from './pace/transfer-slots.ts';
import type { AnnouncedFile } from './ports.ts';
import { createRequestCounter, type RequestCounts } from './request-counts.ts';
import { createSmallFiles } from './small/small-files.ts';
import { createQuestions } from './transfer/receive/ask-for-file.ts';
import {
  cancelFile,
  type RequestContext,
  type RequestOptions,
  type RequestOutcome,
  requestFile,
} from './transfer/receive/request-file.ts';
import { takeProposal } from './transfer/receive/take-proposal.ts';
import { createServing } from './transfer/serve/serving.ts';

/** Gets missing files from other devices and serves own ones to them. */
export interface Fetcher {
  /**
   * Takes a message of the `msg:` channel; false when it is none of the fetcher's, or no request or answer of a known form.
   * What it sets off goes on in the background.
   */
  onMessage(peer: PeerIdentity, type: string, content: unknown): boolean;
  /**
   * Takes a `data-transfer://` channel that a source opened, or a `data-transfer-batch://` one that a receiver did.
   * Resolves when the fetcher is done with it, or a request has taken it over.
   */
  serveChannel(channel: Channel): Promise<void>;
  /** The link to the device is gone, or another has taken its place: what it was asked over that one it will not answer. */
  onUnlinked(device: DeviceId): void;
  /**
   * Gets a file from a device. Asked for the same file and device again while it is under way, it is the same request.
   * Throws FILE_FAILED, WORKER_FAILED for failures of this machine.
   */
  request(file: AnnouncedFile, device: DeviceId, options: { signal: AbortSignal }): Promise<RequestOutcome>;
  /** Ends all that is under way for the file, in both directions; what is here of it but not verified is thrown away. */
  cancel(file: AnnouncedFile): void;
  /** Ends all that is under way for the file, in both directions, and tells the other side so; what is here of it is kept. */
  pause(file: AnnouncedFile): void;
  /**
   * The bytes of a file, verified, in order: as they lie here, or as they come; what is waited for is fetched first. Waits
   * as long as it takes, until the signal fires or the fetcher closes. Throws their reasons, FILE_FAILED, and WORKER_FAILED.
   */
  read(file: AnnouncedFile, options: ReadOptions): AsyncIterable<Uint8Array>;
  /** What other devices asked for since the start. */
  requestCounts(): RequestCounts;
  /** Ends everything; what was received is kept for a resume. */
  close(): Promise<void>;
}

export function createFetcher(options: FetcherOptions): Fetcher {
  const closing = new AbortController();
  const interrupted = AbortSignal.any([options.signal, closing.signal]);
  const context = createContext(options, interrupted);
  const { notebook, stops } = context;
  // Separate, so that two devices that serve each other never wait for each other's slots.
  const asked = createRequestCounter();
  const serving = createServing({ ...context, slots: createServingSlots(), interrupted, requests: asked });
  const smallFiles = createSmallFiles({ ...context, interrupted, requests: asked });
  const requests = new Map<string, Promise<RequestOutcome>>();
  const tasks = new Set<Promise<unknown>>();

  /** `close` waits for it. */
  function track<T>(task: Promise<T>): Promise<T> {
    const settled = task.catch(() => {}).finally(() => tasks.delete(settled));
    tasks.add(settled);
    return task;
  }

  function inBackground(task: Promise<void>): void {
    track(task).catch((error) => {
      if (!interrupted.aborted) options.onFailed(error);
    });
  }

  /** A small one comes together with others, where the device knows how. */
  async function getFile(file: AnnouncedFile, how: RequestOptions): Promise<RequestOutcome> {
    return (await smallFiles.request(file, how)) ?? (await requestFile(context, file, how));
  }

  function request(
    file: AnnouncedFile,
    device: DeviceId,
    { signal }: { signal: AbortSignal },
  ): Promise<RequestOutcome> {
    const key = `${fileKey(file)} ${device}`;
    const running = requests.get(key);
    if (running !== undefined) return running;
    const stop = { ...stops.signalsOf(file), interrupted: AbortSignal.any([signal, interrupted]) };
    const started = getFile(file, { device, stop }).finally(() => requests.delete(key));
    requests.set(key, started);
    return track(started);
  }

  return {
    onMessage(peer, type, content) {
      const asked = type === FILE_REQUEST_TYPE ? FileRequest.safeParse(content) : undefined;
      const answered = type === FILE_ANSWER_TYPE ? FileAnswer.safeParse(content) : undefined;
      if (asked?.success) inBackground(serving.answer(peer, asked.data));
      if (answered?.success) context.questions.onDeclined(peer, answered.data);
      return asked?.success === true || answered?.success === true;
    },
    onUnlinked: context.questions.onUnlinked,
    serveChannel: (channel) => track(smallFiles.serve(channel) ?? takeProposal(context, channel)),
    request,
    cancel: (file) => inBackground(cancelFile(context, file, interrupted)),
    pause: stops.pause,
    read: (file, options) =>
      readFile(context, file, { ...options, signal: AbortSignal.any([options.signal, interrupted]) }),
    requestCounts: asked.counts,
    async close() {
      closing.abort(new SyncError('CANCELLED', { what: 'The fetcher' }));
      await Promise.all([...tasks, smallFiles.idle()]);
      await notebook.written();
    },
  };
}

function createContext(options: FetcherOptions, interrupted: AbortSignal): RequestContext {
  const notebook = createNotebook(options.record);
  const ownBytes = createOwnBytesCheck({
    ...options,
    storeOf: ({ conversation }) => options.storeOf(conversation),
    note: notebook.note,
  });
  const common = { options, notebook, ownBytes, stops: createFileStops() };
  return {
    ...common,
    assemblies: createAssemblies(common, interrupted),
    questions: createQuestions(options, notebook),
    turns: createSlots({ limit: Number.POSITIVE_INFINITY, limitPerKey: 1 }),
    slots: createFileSlots(createReceivingSlots()),
  };
}
