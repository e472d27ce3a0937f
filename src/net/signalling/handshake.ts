/** What drivers of both handshake machines need. */
import { isSyncError, messageOf } from '../../errors.ts';
import type { Clock, Log, PeerIdentity, Random } from '../../ports.ts';
import type { Link } from '../link/link.ts';
import type { PathKind } from '../net.ts';
import type { PathMaker } from '../paths/path.ts';
import type { ProvedStream } from '../secure/secure-streams.ts';
import { parseSignal, type Signal } from './signal.ts';
import type { SignalStream } from './signal-stream.ts';

export interface HandshakeOptions {
  /** After the greeting: both sides know who they talk to. The handshake owns it. */
  readonly stream: SignalStream;
  readonly peer: PeerIdentity;
  /** Best first. */
  readonly makers: readonly PathMaker[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Dialer: a link is there, and is to move to what comes up. */
  readonly takesOver?: boolean;
  /** Makes a link of a stream; `onUp` is called when both sides agreed on it. */
  makeLink(made: {
    kind: PathKind;
    stream: ProvedStream;
    isDialer: boolean;
    takesOver: boolean;
    onUp: () => void;
  }): Link;
}

/** One handshake that goes on. */
export interface Handshake {
  readonly peer: PeerIdentity;
  /** A link to the device came up another way: this one is not needed. */
  supersede(): void;
}

/** Hands on what the peer signals until the stream ends, or says something that is no signal. */
export async function readSignals(
  stream: SignalStream,
  { signal, log, onSignal }: { signal: AbortSignal; log: Log; onSignal: (signal: Signal) => void },
): Promise<void> {
  try {
    for (let next = await stream.receive({ signal }); next; next = await stream.receive({ signal }))
      onSignal(parseSignal(next.message));
  } catch (error) {
    if (!signal.aborted) log.debug('signalling ended', { reason: messageOf(error) });
    if (!signal.aborted && !isSyncError(error)) throw error;
  } finally {
    stream.close();
  }
}
