/** What the event loop and a thread that takes a pack in say to each other. */
import type { FailureCode, FailureData } from '../../../errors.ts';
import type { Arrival } from './arrival.ts';
import type { ReceivedPack } from './receive-pack-adapter.ts';

/** What the thread needs to know of a pack before it comes. */
export interface ReceiveWork {
  readonly path: string;
  /** Where its index is written to. */
  readonly indexPath: string;
  readonly objectsDirectory: string;
  /** Whether arrivals are to be reported. */
  readonly isWatched: boolean;
}

/** Of one pack after the other: its beginning, its bytes in their order, its end. */
export type ReceiveCommand =
  | { readonly kind: 'begin'; readonly work: ReceiveWork }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

export type ReceiveReport =
  /** So many bytes have been dealt with. */
  | { readonly kind: 'taken'; readonly bytes: number }
  | { readonly kind: 'arrived'; readonly arrival: Arrival }
  | { readonly kind: 'received'; readonly pack: ReceivedPack }
  /** The rest of the pack may still be on its way: such a thread takes in no other. */
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly data: FailureData[FailureCode] };
