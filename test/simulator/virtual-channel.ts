/** A channel whose two ends are apart: what one sends, the other gets later, in order, or never. */
import { createBell } from '../../src/bell.ts';
import { SyncError } from '../../src/errors.ts';
import type { Channel, PeerIdentity } from '../../src/ports.ts';

/** Brings something to the other end. What is sent on one lane arrives in order; nothing arrives once the link broke. */
export type Lane = (bytes: number, arrive: () => void) => void;

export interface ChannelEnd extends Channel {
  /** The other end is there now. */
  connect(other: ChannelEnd): void;
  /** Ends here, whatever the other end knows. */
  break(reason: string): void;
  readonly inbox: Inbox;
}

/** What arrives here. */
interface Inbox {
  message(bytes: Uint8Array): void;
  ended(): void;
  readToEnd(): void;
  closed(reason: string): void;
}

export interface ChannelEndOptions {
  readonly name: string;
  readonly peer: PeerIdentity;
  readonly lane: Lane;
}

export function createChannelEnd({ name, peer, lane }: ChannelEndOptions): ChannelEnd {
  const changed = createBell();
  const unread: Uint8Array[] = [];
  const closing = new AbortController();
  let other: ChannelEnd | undefined;
  let closedBecause: string | undefined;
  let [hasEnded, hasHeardEnd, isReadToEnd] = [false, false, false];

  const closed = () => new SyncError('CHANNEL_CLOSED', { channel: name, reason: closedBecause ?? 'it was ended' });
  const say = (bytes: number, what: (inbox: Inbox) => void) => lane(bytes, () => other && what(other.inbox));

  function become(reason: string): void {
    if (closedBecause !== undefined) return;
    closedBecause = reason;
    if (!hasHeardEnd) unread.length = 0;
    changed.ring();
    closing.abort(closed());
  }

  async function* messages({ signal }: { signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    while (true) {
      await changed.until(() => unread.length > 0 || hasHeardEnd || closedBecause !== undefined, signal);
      const bytes = unread.shift();
      if (bytes) yield bytes;
      else if (hasHeardEnd) return say(0, (inbox) => inbox.readToEnd());
      else throw closed();
    }
  }

  return {
    name,
    peer,
    closed: closing.signal,
    messages,
    async send(bytes) {
      if (closedBecause !== undefined || hasEnded) throw closed();
      const copy = Uint8Array.from(bytes);
      say(copy.length, (inbox) => inbox.message(copy));
    },
    async end({ signal }) {
      if (closedBecause !== undefined && !isReadToEnd) throw closed();
      if (!hasEnded) say(0, (inbox) => inbox.ended());
      hasEnded = true;
      await changed.until(() => isReadToEnd || closedBecause !== undefined, signal);
      if (!isReadToEnd) throw closed();
    },
    close(reason = 'closed') {
      if (closedBecause === undefined) say(0, (inbox) => inbox.closed(reason));
      become(reason);
    },
    async [Symbol.asyncDispose]() {
      this.close();
    },
    connect: (end) => {
      other = end;
    },
    break: become,
    inbox: {
      message(bytes) {
        if (closedBecause === undefined) unread.push(bytes);
        changed.ring();
      },
      ended() {
        hasHeardEnd = true;
        changed.ring();
      },
      readToEnd() {
        isReadToEnd = true;
        changed.ring();
      },
      closed: become,
    },
  };
}
