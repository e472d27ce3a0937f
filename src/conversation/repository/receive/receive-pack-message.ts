/** What the event loop and a thread that takes a pack in say to each other. */
import type { FailureCode, FailureData } from '../../../errors.ts';
import type { Arrival } from './arrival.ts';
import type { ReceivedPack } from './receive-pack-adapter.ts';

/** What the thread begins with. */
export interface ReceiveWork {
  readonly path: string;
  readonly objectsDirectory: string;
  /** Whether arrivals are to be reported. */
  readonly isWatched: boolean;
}

/** The pack's bytes, in their order; then its end. */
export type ReceiveCommand = { readonly kind: 'chunk'; readonly bytes: Uint8Array } | { readonly kind: 'end' };

export type ReceiveReport =
  /** So many bytes have been dealt with. */
  | { readonly kind: 'taken'; readonly bytes: number }
  | { readonly kind: 'arrived'; readonly arrival: Arrival }
  | { readonly kind: 'received'; readonly pack: ReceivedPack }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly data: FailureData[FailureCode] };
