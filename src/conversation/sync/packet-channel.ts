import { SyncError } from '../../errors.ts';
import { GIT_PACE_BYTES, SILENCE_MS } from '../../limits.ts';
import type { Channel, Clock, Milliseconds } from '../../ports.ts';
import { createPacketDecoder, type Packet } from './pkt-line.ts';

/** What carries packets: a channel of a link, or a connection of its own. */
export type Lane = Pick<Channel, 'send' | 'messages' | 'close'>;

/** A lane seen as git's packets, with a deadline on every wait. */
export interface PacketChannel {
  /**
   * The next packet; undefined at the other side's end marker. Throws TIMED_OUT, MALFORMED, CHANNEL_CLOSED and the
   * signal's reason.
   */
  read(options?: { readonly patienceMs?: Milliseconds }): Promise<Packet | undefined>;
  /** Gathers packets; they leave when a message is full or at `flush`. */
  write(...packets: readonly Uint8Array[]): Promise<void>;
  flush(): Promise<void>;
  /** Stops reading. The lane stays open: it belongs to the caller. */
  release(): Promise<void>;
}

/** Jami's daemons read at most this in one frame, and need whole packets in it. */
const MESSAGE_BYTES = 65_535;

export interface PacketChannelOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /**
   * How long the other side may keep us waiting for its words in all, however little it says now and then; also for taking ours,
   * which it takes at `GIT_PACE_BYTES` or sooner. Unlimited unless given.
   */
  readonly waitingMs?: Milliseconds;
  /** Who sends so many bytes a second is waited for longer than that, as what it has to send may be long. */
  readonly paceBytes?: number;
}

export function openPacketChannel(lane: Lane, options: PacketChannelOptions): PacketChannel {
  const { clock, waitingMs = Number.POSITIVE_INFINITY, paceBytes = Number.POSITIVE_INFINITY } = options;
  let waitedMs = 0;
  let receivedBytes = 0;
  let sendingMs = 0;
  let sentBytes = 0;
  const leftMs = () => Math.max(0, waitingMs + (1000 * receivedBytes) / paceBytes - waitedMs);
  const gaveUp = new AbortController();
  const signal = AbortSignal.any([options.signal, gaveUp.signal]);
  const messages = lane.messages({ signal })[Symbol.asyncIterator]();
  const decoder = createPacketDecoder();
  const received: Packet[] = [];
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;

  async function read({ patienceMs = SILENCE_MS } = {}): Promise<Packet | undefined> {
    while (received.length === 0) {
      const began = clock.now();
      const message = await within(messages.next(), {
        ms: Math.min(patienceMs, leftMs()),
        clock,
        giveUp: (reason) => gaveUp.abort(reason),
      });
      waitedMs += clock.now() - began;
      if (message.done) {
        if (!decoder.isWithinPacket) return undefined;
        throw new SyncError('PROTOCOL_BROKEN', { protocol: 'git', detail: 'it ended within a packet' });
      }
      receivedBytes += message.value.byteLength;
      received.push(...decoder.push(message.value));
    }
    return received.shift();
  }

  async function write(...packets: readonly Uint8Array[]): Promise<void> {
    for (const packet of packets) {
      if (gatheredBytes + packet.byteLength > MESSAGE_BYTES) await flush();
      gathered.push(packet);
      gatheredBytes += packet.byteLength;
    }
  }

  async function flush(): Promise<void> {
    if (gatheredBytes === 0) return;
    options.signal.throwIfAborted();
    const [first] = gathered;
    const message = first && gathered.length === 1 ? first : Buffer.concat(gathered);
    gathered = [];
    gatheredBytes = 0;
    const leftToTake = Math.max(0, waitingMs + (1000 * sentBytes) / GIT_PACE_BYTES - sendingMs);
    const began = clock.now();
    // A sender without credit has no signal of its own; closing the lane is what ends its wait.
    const giveUp = () => lane.close('timed out');
    await within(lane.send(message), { ms: Math.min(SILENCE_MS, leftToTake), clock, giveUp });
    sendingMs += clock.now() - began;
    sentBytes += message.byteLength;
  }

  return {
    read,
    write,
    flush,
    async release() {
      await messages.return?.();
    },
  };
}

interface Patience {
  readonly ms: Milliseconds;
  readonly clock: Clock;
  /** Ends the wait from outside; the work then rejects. */
  readonly giveUp: (reason: SyncError) => void;
}

/** Made once: a reason of its own for each packet would have a stack to be traced. */
const IN_TIME = new SyncError('CANCELLED', { what: 'A deadline that was met' });

async function within<Result>(work: Promise<Result>, { ms, clock, giveUp }: Patience): Promise<Result> {
  const done = new AbortController();
  let late: SyncError | undefined;
  const alarm = clock.wait(ms, done.signal).then(
    () => {
      late = new SyncError('TIMED_OUT', { what: 'Waiting for the other device', ms });
      giveUp(late);
    },
    () => undefined,
  );
  try {
    return await work;
  } catch (error) {
    throw late ?? error;
  } finally {
    done.abort(IN_TIME);
    await alarm;
  }
}
