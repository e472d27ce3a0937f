/** One sub-transfer with real files on both sides, or with a source that the test plays itself. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeClock } from '../../../src/engine/node-ports-adapter.ts';
import { createFileStore } from '../../../src/fetcher/disk/file-store-adapter.ts';
import { createPace, shareOf } from '../../../src/fetcher/pace/pace.ts';
import type { AnnouncedFile, Digester, FileStore } from '../../../src/fetcher/ports.ts';
import { type ReceiveEnd, receiveFile } from '../../../src/fetcher/transfer/receive/receive-file.ts';
import { type SubTransferEnd, serveFile } from '../../../src/fetcher/transfer/serve/serve-file.ts';
import type { StopSignals } from '../../../src/fetcher/transfer/stop-signals.ts';
import {
  BYTES_TAG,
  decodeFrame,
  encodeStatement,
  type Statement,
  TRANSFER_VERSION,
} from '../../../src/fetcher/transfer/transfer-frame.ts';
import { TRANSFER_MESSAGE_BYTES } from '../../../src/limits.ts';
import type { Channel, Clock } from '../../../src/ports.ts';
import { temporaryDirectory } from '../folders/temporary-directory.ts';
import { inlineChunkChecker } from './inline-digester.ts';

export interface Stop {
  readonly cancelled: AbortController;
  readonly paused: AbortController;
  readonly interrupted: AbortController;
}

export const createStop = (): Stop => ({
  cancelled: new AbortController(),
  paused: new AbortController(),
  interrupted: new AbortController(),
});

const signalsOf = ({ cancelled, paused, interrupted }: Stop): StopSignals => ({
  cancelled: cancelled.signal,
  paused: paused.signal,
  interrupted: interrupted.signal,
});

/** A store in a directory of its own, inside a directory in which nothing else may appear. */
export async function temporaryStore(): Promise<{ root: string; folder: string; store: FileStore }> {
  const root = await temporaryDirectory();
  const folder = join(root, 'data');
  await mkdir(folder);
  return { root, folder, store: createFileStore(folder) };
}

export interface ReceiveSetting {
  readonly store: FileStore;
  readonly digester: Digester;
  readonly channel: Channel;
  readonly clock?: Clock;
  readonly stop?: Stop;
  /** No limit unless given. */
  readonly bytesPerSecond?: number;
}

/** What a receiver noted, beside its end. */
export interface Received extends ReceiveEnd {
  readonly started: number | undefined;
  readonly checkpoints: readonly number[];
  readonly progress: readonly number[];
}

export async function receive(file: AnnouncedFile, setting: ReceiveSetting): Promise<Received> {
  const { store, digester, channel, clock = nodeClock, stop = createStop(), bytesPerSecond } = setting;
  const partial = await store.openPartial(file.fileId);
  let started: number | undefined;
  const checkpoints: number[] = [];
  const progress: number[] = [];
  const end = await receiveFile({
    ...{ file, partial, digester, channel, clock },
    pace: shareOf(createPace(clock, bytesPerSecond), 'everybody'),
    stop: signalsOf(stop),
    onStarted: (start) => {
      started = start;
    },
    onBytes: (bytes) => progress.push(bytes),
    onCheckpoint: (bytes) => checkpoints.push(bytes),
  });
  return { ...end, started, checkpoints, progress };
}

export interface ServeSetting {
  readonly store: FileStore;
  readonly channel: Channel;
  readonly clock?: Clock;
  readonly stop?: Stop;
}

export async function serve(
  file: AnnouncedFile,
  setting: ServeSetting,
): Promise<SubTransferEnd & { started?: number }> {
  const { store, channel, clock = nodeClock, stop = createStop() } = setting;
  await using source = await store.openForReading(file.fileId);
  if (!source) throw new TypeError(`The test has not put ${file.fileId} into the store.`);
  const noted: { started?: number } = {};
  const end = await serveFile({
    ...{ file, source, channel, clock },
    pace: shareOf(createPace(clock), 'everybody'),
    stop: signalsOf(stop),
    onStarted: (start) => {
      noted.started = start;
    },
    onBytes: () => {},
    onTold: () => {},
    onEnding: () => {},
    chunkHashes: (signal) =>
      inlineChunkChecker().hashesOf(store.pathOf(file.fileId), { size: file.chunks?.size ?? file.totalSize, signal }),
  });
  return { ...end, ...noted };
}

export async function put(store: FileStore, file: AnnouncedFile, bytes: Uint8Array): Promise<void> {
  await writeFile(store.pathOf(file.fileId), bytes);
}

/** The source's side, played by hand. */
export interface PlayedSource {
  say(statement: Statement): Promise<void>;
  propose(file: AnnouncedFile): Promise<void>;
  sendBytes(bytes: Uint8Array): Promise<void>;
  /** Anything at all. */
  sendRaw(message: Uint8Array): Promise<void>;
  /** The receiver's next statement; undefined when the channel is over. */
  hear(): Promise<Statement | undefined>;
  /** Reads to the end of the channel. Returns the last statement. */
  hearOut(): Promise<Statement | undefined>;
}

export function playSource(channel: Channel): PlayedSource {
  const messages = channel.messages({ signal: new AbortController().signal })[Symbol.asyncIterator]();

  async function hear(): Promise<Statement | undefined> {
    const next = await messages.next().catch(() => undefined);
    if (!next || next.done) return undefined;
    const frame = decodeFrame(next.value);
    return frame.kind === 'statement' ? frame.statement : await hear();
  }

  async function sendBytes(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += TRANSFER_MESSAGE_BYTES) {
      const body = bytes.subarray(at, at + TRANSFER_MESSAGE_BYTES);
      await channel.send(Buffer.concat([Buffer.of(BYTES_TAG), body]));
    }
  }

  return {
    say: (statement) => channel.send(encodeStatement(statement)),
    propose: ({ conversation, interaction, fileId, totalSize, digest }) =>
      channel.send(
        encodeStatement({
          say: 'propose',
          v: TRANSFER_VERSION,
          conversation,
          interaction,
          fileId,
          totalSize,
          sha3sum: digest,
        }),
      ),
    sendBytes,
    sendRaw: (message) => channel.send(message),
    hear,
    async hearOut() {
      let last: Statement | undefined;
      for (let heard = await hear(); heard; heard = await hear()) last = heard;
      return last;
    },
  };
}
