import type { DeclineReason, FileRequest } from '../../events/peer/file-request.ts';
import type { CommitId } from '../../ids.ts';
import { BATCH_BYTES, BATCH_FILES } from '../../limits.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { OwnBytesCheck } from '../disk/own-bytes.ts';
import type { FetcherOptions } from '../fetcher-options.ts';
import type { AnnouncedFile, WholeFile } from '../ports.ts';
import type { RequestCounter } from '../request-counts.ts';
import { reasonToKeep } from '../transfer/serve/answer-request.ts';
import type { SmallRequestJudge } from './judge-small-request.ts';

export interface BatchContext {
  readonly options: FetcherOptions;
  readonly ownBytes: OwnBytesCheck;
  readonly judge: SmallRequestJudge;
  readonly requests: RequestCounter;
}

export interface Batch {
  readonly files: readonly { readonly file: AnnouncedFile; readonly bytes: Uint8Array }[];
  readonly declined: readonly Declined[];
}

type Declined = [interaction: CommitId, reason: DeclineReason];

/** Takes the oldest requests out, as many as make a batch, and looks for what they ask for in the log and on the disk. */
export async function nextBatch(
  requests: Map<CommitId, FileRequest>,
  peer: PeerIdentity,
  context: BatchContext,
): Promise<Batch> {
  const { options } = context;
  const judged = takeJudged(requests, peer, context);
  const kept = await keptBack(judged.served, options);
  const declined = [...judged.declined, ...kept];
  const isKept = new Set(kept.map(([interaction]) => interaction));
  const served = judged.served.filter(({ interaction }) => !isKept.has(interaction));
  const found = await options.batchDisk.read(served.map((file) => pathOf(file, options)));
  const files: { file: AnnouncedFile; bytes: Uint8Array }[] = [];
  for (const [place, file] of served.entries()) {
    const own = found[place];
    // The user may have said something while it was read.
    const reason = reasonToKeep({ isHere: own !== undefined, wish: options.wishOf(file) });
    if (reason) declined.push([file.interaction, reason]);
    else if (own && (await isRight(file, own, context))) files.push({ file, bytes: own.bytes });
    else declined.push([file.interaction, 'digest-mismatch']);
  }
  for (const _ of files) context.requests.count();
  for (const [, reason] of declined) context.requests.count(reason);
  return { files, declined };
}

function takeJudged(
  requests: Map<CommitId, FileRequest>,
  peer: PeerIdentity,
  { options, judge }: BatchContext,
): { readonly served: AnnouncedFile[]; readonly declined: Declined[] } {
  const declined: Declined[] = [];
  const served: AnnouncedFile[] = [];
  let bytes = 0;
  for (const [interaction, request] of requests) {
    const room = Math.min(BATCH_BYTES, options.paceOf('serving', request.conversation).pieceBytes());
    if (served.length + declined.length >= BATCH_FILES || bytes >= room) break;
    requests.delete(interaction);
    const verdict = judge(peer, request);
    if ('declined' in verdict) {
      declined.push([interaction, verdict.declined]);
    } else {
      served.push(verdict.serve);
      bytes += verdict.serve.totalSize;
    }
  }
  return { served, declined };
}

/** Those that the user holds back: they are looked for, but not read. */
async function keptBack(files: readonly AnnouncedFile[], options: FetcherOptions): Promise<readonly Declined[]> {
  const held = files.filter((file) => reasonToKeep({ isHere: true, wish: options.wishOf(file) }) !== undefined);
  if (held.length === 0) return [];
  const standings = await options.batchDisk.look(held.map((file) => pathOf(file, options)));
  return held.flatMap((file, place): Declined[] => {
    const isHere = typeof standings[place] === 'object';
    const reason = reasonToKeep({ isHere, wish: options.wishOf(file) });
    return reason ? [[file.interaction, reason]] : [];
  });
}

function pathOf({ conversation, fileId }: AnnouncedFile, { storeOf }: FetcherOptions): string {
  return storeOf(conversation).pathOf(fileId);
}

/** The bytes were read together with the stamp, so that the verdict on the stamp is one on them. */
async function isRight(file: AnnouncedFile, { stamp }: WholeFile, { ownBytes }: BatchContext): Promise<boolean> {
  return await ownBytes.isRight(file, stamp);
}
