/** What the event loop and the thread that indexes a bundle say to each other: one piece of work, one report. */
import type { FailureCode, FailureData } from '../../../errors.ts';

export type IndexBundleReport =
  | { readonly outcome: 'indexed'; readonly index: Uint8Array }
  | { readonly outcome: 'failed'; readonly code: FailureCode; readonly data: FailureData[FailureCode] };
