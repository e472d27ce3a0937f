import type { FileRequest } from '../../events/peer/file-request.ts';
import { SMALL_FILE_BYTES, SMALL_REQUESTS_PER_MINUTE } from '../../limits.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { FetcherOptions } from '../fetcher-options.ts';
import { createRateLimit } from '../pace/rate-limit.ts';
import { answerRequest, type RequestVerdict } from '../transfer/serve/answer-request.ts';

/** Whether a device may have a small file from here, as far as the number of its requests and the log tell. */
export type SmallRequestJudge = (peer: PeerIdentity, request: FileRequest) => RequestVerdict;

export function createSmallRequestJudge({ log, clock }: Pick<FetcherOptions, 'log' | 'clock'>): SmallRequestJudge {
  const limit = createRateLimit(clock, SMALL_REQUESTS_PER_MINUTE);
  return (peer, request) => {
    if (!limit.allows(peer.device)) return { declined: 'too-many-requests' };
    const verdict = answerRequest({ request, peer, log });
    const isLong = 'serve' in verdict && verdict.serve.totalSize > SMALL_FILE_BYTES;
    return isLong ? { declined: 'not-small' } : verdict;
  };
}
