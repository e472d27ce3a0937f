import { findSigner } from '../judge/signer.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { Founding, Signer } from '../rules/commit-facts.ts';
import type { Flaw } from '../rules/rule.ts';
import { judgeIdentity } from '../rules/signature.ts';
import type { ScreenedCommits } from './screened-commits.ts';
import { committedAtIn, hasSameSigner, RECORD_BYTES, signerIn } from './screened-record.ts';

/**
 * Whether nothing is wrong with a commit, by all rules, given its row among the screened ones. A no only says that it
 * has to be judged.
 */
export type IsClear = (row: number) => boolean | Promise<boolean>;

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
  let last: { readonly at: number; readonly signer: Signer | Flaw | undefined } | undefined;

  async function isClearAfterReading(at: number): Promise<boolean> {
    const { tree, device } = signerIn(screened.records, at);
    const signer = await history.trees.read(tree).then(
      (read) => findSigner(history, read, device),
      () => undefined,
    );
    last = { at, signer };
    return isBy(signer, at);
  }

  function isBy(signer: Signer | Flaw | undefined, at: number): boolean {
    return signer !== undefined && judgeIdentity(signer, committedAtIn(screened.records, at)) === undefined;
  }

  return (row) => {
    if (founding.mode === 'document' || !screened.isUnchanging(row)) return false;
    const at = row * RECORD_BYTES;
    const isByLast = last !== undefined && hasSameSigner(screened.records, last.at, at);
    return isByLast ? isBy(last?.signer, at) : isClearAfterReading(at);
  };
}
