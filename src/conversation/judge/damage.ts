import { clauseOf, isSyncError } from '../../errors.ts';
import { type Flaw, flaw } from '../rules/rule.ts';

/** The flaw of a pack that could not be taken in. Rethrows what is no fault of who sent it. */
export function packFlawOf(error: unknown): Flaw {
  if (isSyncError(error, 'LIMIT_EXCEEDED')) return flaw('R1', clauseOf(error));
  if (isSyncError(error, 'MALFORMED')) return flaw('OBJECT', clauseOf(error));
  return damageOf(error).flaw;
}

/** The flaw behind a read that failed, and the object it failed on. Rethrows what is no fault of the history. */
export function damageOf(error: unknown): { readonly object: string; readonly flaw: Flaw } {
  if (!isSyncError(error, 'OBJECT_MISSING') && !isSyncError(error, 'OBJECT_CORRUPT')) throw error;
  const { id } = error.data;
  const detail = isSyncError(error, 'OBJECT_CORRUPT') ? `is damaged: ${error.data.detail}` : 'is missing';
  return { object: id, flaw: flaw('OBJECT', `object ${id} ${detail}`) };
}
