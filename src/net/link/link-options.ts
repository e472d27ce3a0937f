import type { Clock, Log, PeerIdentity } from '../../ports.ts';
import type { Admission, NetHandlers } from '../net.ts';
import type { Carrier, CarrierOptions } from './carrier.ts';

export interface LinkOptions extends CarrierOptions {
  readonly peer: PeerIdentity;
  readonly isDialer: boolean;
  /** Dialer: it is to take the place of the stream that a link travels on, not to be one more link. */
  readonly takesOver?: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly handlers: Pick<NetHandlers, 'admitChannel' | 'keepsChannel' | 'serveChannel'>;
  /** Answerer: decides on the dialer's nomination. */
  onNominated(): Admission;
  /** Answerer: decides whether the link that there is moves to this stream. */
  onTakeOver(): Admission;
  /** Both sides agreed that the link that there is moves to this stream, which is no longer this link's. */
  onHandOver(carrier: Carrier): void;
  /** The link carries channels from now on. Called before the peer's first channel is looked at. */
  onUp(): void;
  /** All of the link travels on another stream now. */
  onMoved(): void;
  /** Called once, whether the link was up or not. */
  onDown(reason: string): void;
}

export type Nomination =
  | { readonly outcome: 'up' }
  | { readonly outcome: 'turned-away'; readonly reason: string }
  | { readonly outcome: 'lost'; readonly reason: string };
