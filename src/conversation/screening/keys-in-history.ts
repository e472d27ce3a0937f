import { findSigner } from '../judge/signer.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { KeyOf } from './screen-commit.ts';

/** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
export function keysIn(history: HistoryReader): KeyOf {
  return async ({ device, tree }) => {
    const signer = await findSigner(history, await history.trees.read(tree), device);
    return 'uri' in signer && signer.certificate.longId === device ? signer.certificate.publicKey : undefined;
  };
}
