import type { FileRequest } from '../../events/file-request.ts';
import { SMALL_FILE_BYTES, SMALL_REQUESTS_PER_MINUTE } from '../../limits.ts';
import type { PeerIdentity } from '../../ports.ts';
import { answerRequest, type RequestVerdict, wordAgainst } from '../answer-request.ts';
import type { FetcherOptions } from '../fetcher-options.ts';
import { createRateLimit } from '../rate-limit.ts';

/** Whether a device may have a small file from here, as far as the number of its requests, the log and the user tell. */
export type SmallRequestJudge = (peer: PeerIdentity, request: FileRequest) => RequestVerdict;

export function createSmallRequestJudge({ log, clock, wishOf }: FetcherOptions): SmallRequestJudge {
  const limit = createRateLimit(clock, SMALL_REQUESTS_PER_MINUTE);
  return (peer, request) => {
    if (!limit.allows(peer.device)) return { declined: 'too-many-requests' };
    const verdict = answerRequest({ request, peer, log });
    if ('declined' in verdict) return verdict;
    if (verdict.serve.totalSize > SMALL_FILE_BYTES) return { declined: 'not-a-file' };
    const declined = wordAgainst(wishOf(verdict.serve));
    return declined ? { declined } : verdict;
  };
}
