/** Getting from a key that was found in the DHT to a stream with its holder. Tells the log, at level debug, each step. */
import { withDeadline } from '../../deadline.ts';
import { errorCodeOf } from '../../error-code.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { FORWARD_HEAD_START_MS, FORWARDERS_ASKED, STREAM_MS } from '../../limits.ts';
import type { Clock, Log } from '../../ports.ts';
import type { RecentKeys } from '../recent-keys.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { staggered } from '../staggered.ts';

/** The ways that a DHT offers. */
export interface Ways {
  /** Throws the signal's reason; an error with the code PEER_NOT_FOUND when nobody announced the key. */
  connect(publicKey: Uint8Array, options: WayThere): Promise<SignalStream>;
  /** Keys of nodes that say that they forward. Throws the signal's reason. */
  forwarders(options: { readonly signal: AbortSignal }): Promise<readonly Uint8Array[]>;
  /** Signals by records, which takes a while. */
  ring(publicKey: Uint8Array): SignalStream;
}

export interface WayThere {
  readonly signal: AbortSignal;
  /** The key of a node that forwards, or null. */
  readonly through: Uint8Array | null;
  /** The key's holder has answered by way of other nodes, and no packet came through yet. */
  onThere(): void;
}

export interface ReachOptions {
  readonly ways: Ways;
  /** Those who were reached through a node that forwards, and not straight. */
  readonly wasForwarded: RecentKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Straight; and a while later, unless nobody is there at all, through nodes that forward, one after the other. Not later
 * where that was it before. Who is there and to whom no way leads, or not in time, is rung. Undefined when the key's holder is
 * not there. Throws the signal's reason.
 */
export async function reach(publicKey: Uint8Array, options: ReachOptions): Promise<SignalStream | undefined> {
  const { ways, wasForwarded, signal } = options;
  const tell = tellerOf(publicKey, options.log);
  let isKnown = true;
  let isForwarded = false;
  let isThere = false;
  const onThere = () => {
    isThere = true;
  };

  async function straight(inner: AbortSignal): Promise<SignalStream> {
    try {
      return await ways.connect(publicKey, { signal: inner, through: null, onThere });
    } catch (error) {
      if (!inner.aborted) tell('is not reached straight', { reason: messageOf(error) });
      const code = errorCodeOf(error) ?? '';
      isKnown = code !== 'PEER_NOT_FOUND';
      isThere ||= FOUND_NO_WAY.test(code);
      throw error;
    }
  }

  async function forwarded(inner: AbortSignal): Promise<SignalStream> {
    const found = isKnown ? await ways.forwarders({ signal: inner }) : [];
    if (isKnown) tell('is to be reached through nodes that forward', { nodes: found.map(nameOf) });
    const tries = found.slice(0, FORWARDERS_ASKED).map((through) => async (at: AbortSignal) => {
      try {
        return await ways.connect(publicKey, { signal: at, through, onThere });
      } catch (error) {
        if (!at.aborted) tell('is not reached through a node', { node: nameOf(through), reason: messageOf(error) });
        throw error;
      }
    });
    if (tries.length === 0) throw new SyncError('CANCELLED', { what: 'Signalling through a node of the DHT' });
    const stream = await staggered(tries, staggering(inner, FORWARD_HEAD_START_MS));
    isForwarded = true;
    return stream;
  }

  function staggering(inner: AbortSignal, headStart: number) {
    return { headStart, clock: options.clock, signal: inner, discard: (stream: SignalStream) => stream.close() };
  }

  try {
    const headStart = wasForwarded.has(publicKey) ? 0 : FORWARD_HEAD_START_MS;
    const deadline = { what: 'Reaching a device by a stream', ms: STREAM_MS, clock: options.clock, signal };
    const stream = await withDeadline(deadline, (inner) =>
      staggered([straight, forwarded], staggering(inner, headStart)),
    );
    if (isForwarded) wasForwarded.add(publicKey);
    tell('is reached', { forwarded: isForwarded });
    return stream;
  } catch {
    // PEER_NOT_FOUND when nobody announced the key, PEER_CONNECTION_FAILED when its holder is gone: the same to us.
    if (signal.aborted) tell('is not reached in time');
    signal.throwIfAborted();
    if (!isThere) return undefined;
    tell('is rung, to look for records');
    return ways.ring(publicKey);
  }
}

/** Nodes of the DHT passed a handshake to the key's holder and back, and then no packet came through. */
const FOUND_NO_WAY = /^(HOLEPUNCH_|CANNOT_HOLEPUNCH$|REMOTE_)/;

type Tell = (what: string, fields?: Readonly<Record<string, unknown>>) => void;

function tellerOf(publicKey: Uint8Array, log: Log): Tell {
  return (what, fields) => log.debug(`a key in the DHT ${what}`, { key: nameOf(publicKey), ...fields });
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
