import { decode } from '../../events/decode.ts';
import type { AccountUri, CommitId, DeviceId } from '../../ids.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import { type Flaw, flaw } from '../rules/rule.ts';
import { findAuthor } from './signer.ts';

export type IsRevoked = (signer: { readonly account: AccountUri; readonly device: DeviceId }) => boolean;

/**
 * A head that is new here must not be a revoked device's. What such a device signed below the head was taken in by the
 * device that committed on top of it, and counts. The initial commit always does: the conversation is named after it.
 * Unlike the other rules this one depends on what was heard when; see docs/decisions/0012-revoked-devices.md. Throws
 * OBJECT_MISSING, OBJECT_CORRUPT.
 */
export async function judgeStanding(
  history: HistoryReader,
  head: CommitId,
  isRevoked: IsRevoked,
): Promise<Flaw | undefined> {
  const commit = await history.commit(head);
  if (commit.parents.length === 0) return undefined;
  const { device } = commit.author;
  const account = await findAuthor(history, commit, decode(commit.message));
  if (account === undefined || !isRevoked({ account, device })) return undefined;
  return flaw('REVOKED', `device ${device} was revoked by ${account}`);
}
