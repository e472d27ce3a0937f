import type { CommitId } from '../../ids.ts';
import { findSigner } from '../judge/signer.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { Founding, Signer } from '../rules/commit-facts.ts';
import type { Flaw } from '../rules/rule.ts';
import { judgeIdentity } from '../rules/signature.ts';
import type { ScreenedCommits } from './screened-commits.ts';
import { committedAtIn, hasSameSigner, signerIn } from './screened-record.ts';

/** Whether nothing is wrong with a commit, by all rules. A no only says that it has to be judged. */
export type IsClear = (id: CommitId) => Promise<boolean>;

export interface Cleared {
  readonly history: HistoryReader;
  readonly founding: Founding;
  readonly screened: ScreenedCommits;
}

/**
 * Clears, of the commits that were screened, those that change no file: with the tree of its parents, an ordinary commit or
 * a merge breaks no rule, as long as its author had a place in that tree and the author's key made the signature.
 * Nearly all of a long history is of this kind. In a document, ordinary commits are no messages: nothing is cleared.
 */
export function createClearance({ history, founding, screened }: Cleared): IsClear {
  /** Most commits are by whoever was there a moment before. */
  let last: { readonly record: Buffer; readonly signer: Signer | Flaw | undefined } | undefined;

  async function findSignerOf(record: Buffer): Promise<Signer | Flaw | undefined> {
    const { tree, device } = signerIn(record);
    const signer = await history.trees.read(tree).then(
      (read) => findSigner(history, read, device),
      () => undefined,
    );
    last = { record, signer };
    return signer;
  }

  return async (id) => {
    const record = founding.mode === 'document' ? undefined : screened.unchanging(id);
    if (!record) return false;
    const signer = last && hasSameSigner(last.record, record) ? last.signer : await findSignerOf(record);
    return signer !== undefined && judgeIdentity(signer, committedAtIn(record)) === undefined;
  };
}
