import type { DeclineReason } from '../events/peer/file-request.ts';

/** How often other devices asked for files, and what they were told. */
export interface RequestCounts {
  /** The file was proposed, however it went on from there. */
  readonly served: number;
  readonly declined: Readonly<Partial<Record<DeclineReason, number>>>;
}

/** The requests since it was made. */
export interface RequestCounter {
  /** `declined` says why the request was, undefined that it was served. */
  count(declined?: DeclineReason): void;
  counts(): RequestCounts;
}

export function createRequestCounter(): RequestCounter {
  let counts = NO_REQUESTS;
  return {
    count(declined) {
      counts = countRequest(counts, declined);
    },
    counts: () => counts,
  };
}

export const NO_REQUESTS: RequestCounts = { served: 0, declined: {} };

/** One more request; the reason says why it was declined, none that it was served. */
export function countRequest({ served, declined }: RequestCounts, reason?: DeclineReason): RequestCounts {
  if (reason === undefined) return { served: served + 1, declined };
  return { served, declined: { ...declined, [reason]: (declined[reason] ?? 0) + 1 } };
}
