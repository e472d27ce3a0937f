import { basename } from 'node:path';
import { type AnnounceFile, newTransferId } from '../../conversation/decisions/announce-file.ts';
import { SyncError } from '../../errors.ts';
import { chunkSizeFor } from '../../events/chunk-construction.ts';
import { fileIdOf } from '../../events/file-id.ts';
import { chunkRootOf } from '../../fetcher/chunks/chunk-list.ts';
import type { FileStamp, StagedFile } from '../../fetcher/ports.ts';
import type { CommitId, Digest, FileId } from '../../ids.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { ReadProgress, SendFileOptions, SentFile } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Intents } from '../intents.ts';
import { measure, speedAt, startMeter } from './progress/rate-meter.ts';
import { createThrottle } from './progress/throttle.ts';
import { type TransferViewParts, transferViewer } from './views/transfer-views.ts';

export type SendFileParts = EngineParts & TransferViewParts & { readonly intents: Intents };

export interface SendFile extends SendFileOptions {
  readonly path: string;
}

/**
 * Announces a file and keeps its bytes under its name, ready for whoever asks. The bytes are in the folder before they are
 * hashed and before they are announced, so that a crash never leaves an announcement without its bytes; and they have their
 * name before anybody hears of it, so that nobody asks in vain.
 * Throws FILE_FAILED, also for a file that changes meanwhile, DISK_FULL, REFUSED.
 */
export async function sendFile(
  conversation: LiveConversation,
  parts: SendFileParts,
  { path, displayName = basename(path), onHashed, onCopied, ...options }: SendFile,
): Promise<SentFile> {
  const tid = newTransferId(parts.random);
  const signal = options.signal ? AbortSignal.any([options.signal, parts.signal]) : parts.signal;
  const staged = await stage(conversation, path, { ...parts, tid, signal, onCopied });
  let isAnnounced = false;
  try {
    const { digest: sha3sum, stamp, list } = await identify(staged, path, { ...parts, signal, onHashed });
    const announcement = announcementOf({ displayName, sha3sum, totalSize: stamp.size, tid }, list);
    const interaction = await parts.intents.carryOut(conversation, announcement, async ({ id }) => {
      isAnnounced = true;
      const fileId = fileIdOf(id, announcement);
      await place(staged, { conversation, interaction: id, fileId, stamp }, parts);
      if (list) await parts.chunkLists.keep({ ...announcement, conversation: conversation.id, fileId }, list.hashes);
    });
    return {
      interaction,
      fileId: fileIdOf(interaction.id, announcement),
      transfer: () => transferViewer(conversation, parts)(interaction.id, 'serving')[0],
    };
  } catch (error) {
    // What was announced is asked for from now on: its bytes stay, and the next start gives them their name.
    if (!isAnnounced) await staged.discard();
    throw error;
  }
}

interface Staging extends Pick<EngineParts, 'clock' | 'signal'> {
  readonly tid: string;
  readonly onCopied: SendFile['onCopied'] | undefined;
}

async function stage(
  { store }: LiveConversation,
  path: string,
  { clock, tid, signal, onCopied }: Staging,
): Promise<StagedFile> {
  using teller = readTeller(clock, onCopied);
  return await store.stage(path, { tid, signal, onCopied: teller.read });
}

/** The chunk hashes of a file that is longer than one chunk. */
interface ChunkList {
  readonly size: number;
  readonly hashes: Uint8Array;
}

function announcementOf(file: Omit<AnnounceFile, 'kind' | 'chunks'>, list: ChunkList | undefined): AnnounceFile {
  const chunks = list && { size: list.size, root: chunkRootOf(file.totalSize, list.size, list.hashes) };
  return { kind: 'announce-file', ...file, ...(chunks && { chunks }) };
}

interface IdentifiedFile {
  readonly digest: Digest;
  /** Which the file had before and after it was read. */
  readonly stamp: FileStamp;
  readonly list: ChunkList | undefined;
}

/** Reads the staged file once. */
async function identify(
  staged: StagedFile,
  path: string,
  {
    onHashed,
    ...parts
  }: Pick<EngineParts, 'digester' | 'clock' | 'signal'> & { readonly onHashed: SendFile['onHashed'] | undefined },
): Promise<IdentifiedFile> {
  const stamp = await staged.stamp();
  const size = chunkSizeFor(stamp.size);
  using teller = readTeller(parts.clock, onHashed);
  const { digest, hashes } = await parts.digester.identify(staged.path, {
    signal: parts.signal,
    ...(size && { chunkSize: size }),
    ...(onHashed && { onHashed: (bytes) => teller.read(bytes, stamp.size) }),
  });
  const after = await staged.stamp();
  if (after.size === stamp.size && after.mtimeMs === stamp.mtimeMs)
    return { digest, stamp, list: size && hashes ? { size, hashes } : undefined };
  throw new SyncError('FILE_FAILED', { path, detail: 'it changed while it was being read; send it again' });
}

interface ReadTeller extends Disposable {
  read(bytes: number, totalSize: number): void;
}

/** Tells of what was read, with a rate, until it is disposed of. */
function readTeller(clock: EngineParts['clock'], tell: ((progress: ReadProgress) => void) | undefined): ReadTeller {
  const over = new AbortController();
  let meter = startMeter(0, clock.now());
  const throttle = createThrottle<Pick<ReadProgress, 'bytes' | 'totalSize'>>({
    clock,
    signal: over.signal,
    tell(read) {
      const speed = speedAt(meter, clock.now());
      tell?.({ ...read, ...(speed && { bytesPerSecond: speed.bytesPerSecond }) });
    },
  });
  return {
    read(bytes, totalSize) {
      meter = measure(meter, bytes, clock.now());
      throttle.moved('read', { bytes, totalSize });
    },
    [Symbol.dispose]: () => over.abort(),
  };
}

interface Placing {
  readonly conversation: LiveConversation;
  readonly interaction: CommitId;
  readonly fileId: FileId;
  /** What the file looked like when it was hashed. */
  readonly stamp: FileStamp;
}

/** A file that changed since it was hashed gets its name, but no word of ours: the next scan says what it is. */
async function place(
  staged: StagedFile,
  { conversation: { id: conversation }, interaction, fileId, stamp }: Placing,
  { keeper, clock }: Pick<EngineParts, 'keeper' | 'clock'>,
): Promise<void> {
  const placed = await staged.place(fileId);
  if (placed.size !== stamp.size || placed.mtimeMs !== stamp.mtimeMs) return;
  keeper.record({ kind: 'file-verified', conversation, interaction, fileId, ...placed, at: clock.now() });
  await keeper.flushed();
}
