import { SyncError } from '../../errors.ts';
import type { Verify } from '../../identity/signature.ts';
import type { CommitId, ConversationId } from '../../ids.ts';
import type { Clock } from '../../ports.ts';
import type { CertificateCache } from '../judge/certificate-reader.ts';
import { packFlawOf } from '../judge/damage.ts';
import type { IsRevoked } from '../judge/judge-standing.ts';
import { type Batch, type BatchTarget, validateBatch } from '../judge/validate-batch.ts';
import { createHistoryReader, type HistoryReader } from '../log/history-reader.ts';
import type { Repository } from '../repository/repository.ts';
import type { Founding } from '../rules/commit-facts.ts';
import type { Refusal } from '../rules/rule.ts';
import { Screening } from '../screening/screening-adapter.ts';
import { fetchPack } from '../sync/fetch-upload-pack.ts';
import type { Lane, PacketChannelOptions } from '../sync/packet-channel.ts';
import type { RequestLine } from '../sync/request-line.ts';

/** How far a clone got: first the pack comes, then every commit is judged. */
export type CloneProgress =
  | { readonly phase: 'receiving'; readonly bytes: number }
  | { readonly phase: 'judging'; readonly judged: number; readonly commits: number };

export interface TakeHistory {
  readonly lane: Lane;
  readonly request: RequestLine;
  /** The conversation that it must be; any when not given. */
  readonly conversation?: ConversationId;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly isRevoked?: IsRevoked;
  /** What was found wrong before with a head that is offered: then it is not fetched again. */
  readonly knownRefusal?: (head: CommitId) => KnownRefusal | undefined;
  readonly verify?: Verify | undefined;
  /** What is known of certificates already. */
  readonly certificates?: CertificateCache | undefined;
  /** Throws to refuse a history that breaks no rule. */
  readonly requireWelcome?: (judged: JudgedHistory) => Promise<void>;
  readonly onProgress?: (progress: CloneProgress) => void;
  /** How long the other side may keep us waiting in all; without it `signal` alone ends the wait. */
  readonly waiting?: Pick<PacketChannelOptions, 'waitingMs' | 'paceBytes'>;
}

/** As a refusal, but that the rule may be one of another version. */
export type KnownRefusal = Pick<Refusal, 'commit' | 'message' | 'path'> & { readonly rule: string };

export interface JudgedHistory {
  readonly head: CommitId;
  readonly founding: Founding;
  readonly history: HistoryReader;
}

export interface TakenHistory {
  readonly head: CommitId;
  readonly conversation: ConversationId;
  readonly commits: number;
}

/**
 * Takes a whole history into an empty repository: fetched, staged, judged commit by commit, and only then kept.
 * Throws HISTORY_REFUSED with the rule that it breaks, also when its pack cannot be taken in, what `requireWelcome` throws,
 * DISK_FULL, FILE_FAILED, and as `fetchPack`.
 */
export async function takeHistory(repository: Repository, take: TakeHistory): Promise<TakenHistory> {
  const { lane, request, clock, signal, knownRefusal = () => undefined } = take;
  const has = async (offered: CommitId) => knownRefusal(offered) !== undefined;
  const { head, pack } = await fetchPack(lane, { request, has, haves: [], clock, signal, ...take.waiting });
  const refusal = head && knownRefusal(head);
  if (refusal) throw historyRefused(take, head, refusal);
  if (head === undefined || pack === undefined)
    throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail: 'the other side has no commit' });
  await using screening = new Screening({ signal });
  const staged = await repository
    .stagePack(counted(pack, take), { signal, watch: screening })
    .catch((error: unknown): never => {
      throw historyRefused(take, head, { commit: head, ...packFlawOf(error) });
    });
  try {
    const history = createHistoryReader({ path: repository.path, objects: staged.objects }, take.certificates);
    const commits = staged.commitIds.length;
    const batch = { head, history, packs: staged.packs?.(), commits, screening };
    const { founding, conversation } = await judgeHistory(batch, take);
    await take.requireWelcome?.({ head, founding, history });
    await staged.keep();
    await repository.moveHead({ from: undefined, to: head });
    await repository.checkOut();
    return { head, conversation, commits };
  } finally {
    await staged[Symbol.asyncDispose]();
  }
}

async function* counted(pack: AsyncIterable<Uint8Array>, { onProgress }: TakeHistory): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of pack) {
    bytes += chunk.byteLength;
    onProgress?.({ phase: 'receiving', bytes });
    yield chunk;
  }
}

async function judgeHistory(
  batch: Batch,
  take: TakeHistory,
): Promise<{ founding: Founding; conversation: ConversationId }> {
  const { conversation, signal, isRevoked, verify, onProgress } = take;
  const target: BatchTarget = { conversation };
  const judged = await validateBatch(batch, target, {
    ...{ signal, verify },
    ...(isRevoked && { isRevoked }),
    ...(onProgress && { onJudged: (done, commits) => onProgress({ phase: 'judging', judged: done, commits }) }),
  });
  if (judged.outcome === 'refused') throw historyRefused(take, batch.head, judged.refusal);
  const founded = judged.founding.conversation;
  if (founded === undefined) throw new SyncError('UNREACHABLE', { value: 'a history without a root' });
  return { founding: judged.founding, conversation: founded };
}

function historyRefused(
  { conversation = 'the conversation' }: { readonly conversation?: string },
  head: CommitId,
  { commit, rule, message, path }: KnownRefusal,
): SyncError<'HISTORY_REFUSED'> {
  const where = path === undefined ? {} : { path };
  return new SyncError('HISTORY_REFUSED', { conversation, head, commit, rule, detail: message, ...where });
}
