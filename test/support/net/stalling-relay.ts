/** A relayed connection that stops for good when both directions are full at the same time, by the rule of coturn 4.6. */
import { type Duplex, duplexPair } from 'node:stream';

/** A side is not read any more while so much waits for the other one. */
const FULL_BYTES = 192 * 1024;
/** What may wait for a side that is read again. */
const ROOM_BYTES = 128 * 1024;

export interface StallingRelay {
  /** What the two devices hold. */
  readonly ends: readonly [Duplex, Duplex];
  /** A side is not read, and nothing will ever change that. */
  readonly isStuck: boolean;
  /** The relay takes no more from either side. */
  readonly isFull: boolean;
}

interface Side {
  readonly stream: Duplex;
  /** Bytes that wait for this side to take them. */
  waiting: number;
  isRead: boolean;
}

export function createStallingRelay(): StallingRelay {
  const [oneEnd, one] = sideOf();
  const [otherEnd, other] = sideOf();
  let isStuck = false;

  function forward(from: Side, to: Side): void {
    from.stream.on('data', (bytes: Uint8Array) => {
      to.waiting += bytes.byteLength;
      to.stream.write(Buffer.from(bytes), () => onTaken(bytes.byteLength));
      if (to.waiting >= FULL_BYTES) setReading(from, false);
    });
    function onTaken(bytes: number): void {
      to.waiting -= bytes;
      if (to.waiting > 0 || from.isRead) return;
      if (from.waiting < ROOM_BYTES) setReading(from, true);
      else isStuck = true;
    }
  }
  forward(one, other);
  forward(other, one);

  return {
    ends: [oneEnd, otherEnd],
    get isStuck() {
      return isStuck;
    },
    get isFull() {
      return !one.isRead && !other.isRead;
    },
  };
}

function sideOf(): readonly [Duplex, Side] {
  const [end, stream] = duplexPair();
  return [end, { stream, waiting: 0, isRead: true }];
}

function setReading(side: Side, isRead: boolean): void {
  side.isRead = isRead;
  if (isRead) side.stream.resume();
  else side.stream.pause();
}
