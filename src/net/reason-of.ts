import { clauseOf, isSyncError } from '../errors.ts';

/** Why something failed, worded to stand inside another sentence. */
export function reasonOf(error: unknown): string {
  if (isSyncError(error, 'PEER_REJECTED') || isSyncError(error, 'CHAIN_INVALID')) return error.data.detail;
  return clauseOf(error);
}
