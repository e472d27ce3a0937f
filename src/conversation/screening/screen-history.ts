import { findSigner } from '../judge/signer.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { PackPlace } from '../repository/repository.ts';
import type { KeyOf } from './screen-commit.ts';
import { screenPacks } from './screen-packs-adapter.ts';
import type { ScreenedCommits } from './screened-commits.ts';

/** As `screenPacks`, for packs that hold commits of the history, whose trees tell the keys. */
export function screenHistory(
  history: HistoryReader,
  packs: readonly PackPlace[],
  { signal }: { readonly signal: AbortSignal },
): Promise<ScreenedCommits | undefined> {
  return screenPacks(packs, { keyOf: keysIn(history), signal });
}

/** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export function keysIn(history: HistoryReader): KeyOf {
  return async ({ device, tree }) => {
    const signer = await findSigner(history, await history.trees.read(tree), device);
    return 'uri' in signer && signer.certificate.longId === device ? signer.certificate.publicKey : undefined;
  };
}
