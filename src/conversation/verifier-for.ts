import { type BulkVerifier, createBulkVerifier } from '../identity/bulk-verifier-adapter.ts';
import { type Verify, verify } from '../identity/signature.ts';
import { BULK_SIGNATURES } from '../limits.ts';

/**
 * How to verify the signatures of so many commits: few on the pool's threads, many in threads that are started for it,
 * and always as `given` when something is. The caller disposes of it when all are judged.
 */
export function verifierFor(commits: number, given?: Verify): BulkVerifier {
  if (given === undefined && commits >= BULK_SIGNATURES) return createBulkVerifier();
  return { verify: given ?? verify, [Symbol.asyncDispose]: async () => {} };
}
