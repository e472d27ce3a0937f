import type { Duplex } from 'node:stream';
import type { TcpRelay } from './tcp-relay.ts';

/** A place on a relay that lasts until nobody uses it any more: who reserved it, and each stream that goes through it. */
export interface SharedRelay {
  readonly relay: TcpRelay;
  /** The place lasts at least as long as the stream. */
  keepFor(stream: Duplex): void;
  /** Said once by who reserved the place. */
  release(): void;
}

export function shareRelay(relay: TcpRelay): SharedRelay {
  let users = 1;
  const leave = () => {
    users -= 1;
    if (users === 0) relay.close();
  };
  return {
    relay,
    keepFor(stream) {
      users += 1;
      stream.once('close', leave);
    },
    release: leave,
  };
}
