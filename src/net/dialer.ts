import { withDeadline } from '../deadline.ts';
import { SyncError } from '../errors.ts';
import type { DeviceId } from '../ids.ts';
import { DIAL_MS } from '../limits.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Finder, FoundPeer } from './discovery/finder.ts';
import type { Link } from './link/link.ts';
import { CROSSED, type LinkBook } from './link-book.ts';
import type { NetHandlers, PathKind } from './net.ts';
import type { PathMaker } from './paths/path.ts';
import { createSharedWork } from './shared-work.ts';
import { DialSession } from './signalling/dial-session.ts';
import { patienceOn } from './signalling/patience.ts';

export interface DialerOptions {
  readonly finder: Pick<Finder, 'findDevice'>;
  readonly book: LinkBook;
  readonly makers: readonly PathMaker[];
  readonly handlers: Pick<NetHandlers, 'admitPeer'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Ends every dial. */
  readonly signal: AbortSignal;
}

interface Dial extends DialerOptions {
  /** A link is there, and is to move to what comes up. */
  readonly takesOver: boolean;
}

/** Gets links. Callers that want the same device share one dial. */
export interface Dialer {
  /** Throws DEVICE_NOT_FOUND, DEVICE_UNREACHABLE, PEER_REJECTED, TIMED_OUT, the signal's reason. */
  link(device: DeviceId, options: { signal: AbortSignal }): Promise<Link>;
  /** Moves the link that there is to a path of one of the kinds. Throws as `link` does; the link is as it was then. */
  move(device: DeviceId, paths: readonly PathKind[], options: { signal: AbortSignal }): Promise<void>;
}

export function createDialer(options: DialerOptions): Dialer {
  const { book, clock } = options;
  const dials = createSharedWork<DeviceId, Link>();

  return {
    async link(device, { signal }) {
      signal.throwIfAborted();
      const link = book.get(device);
      return link ?? dials.run(device, () => dialOrBeDialled(device, options), signal);
    },
    async move(device, paths, { signal: given }) {
      const makers = options.makers.filter(({ kind }) => paths.includes(kind));
      const signal = AbortSignal.any([given, options.signal]);
      const deadline = { what: `Looking for a better path to ${device}`, ms: DIAL_MS, clock, signal };
      await withDeadline(deadline, (inner) => dial(device, { ...options, makers, takesOver: true, signal: inner }));
    },
  };
}

/** The device may dial us meanwhile: a link is a link. */
async function dialOrBeDialled(device: DeviceId, options: DialerOptions): Promise<Link> {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const dialled = options.book.until(device, signal);
  dialled.catch(() => {});
  try {
    return await Promise.race([dialled, dial(device, { ...options, takesOver: false, signal })]);
  } finally {
    over.abort(new SyncError('CANCELLED', { what: `Dialling ${device}` }));
  }
}

async function dial(device: DeviceId, options: Dial): Promise<Link> {
  const { finder, handlers, clock, signal } = options;
  const result = await finder.findDevice(device, { signal });
  if (result.outcome === 'not-found') throw new SyncError('DEVICE_NOT_FOUND', { device });
  if (result.outcome === 'rejected') throw new SyncError('PEER_REJECTED', { detail: result.detail });
  const answer = handlers.admitPeer(result.found.peer);
  const { stream } = result.found;
  const deadline = { what: `Dialling ${device}`, ms: patienceOn(stream).handshakeMs, clock, signal };
  if (answer.accept)
    return withDeadline(deadline, (inner) => shakeHands(device, result.found, { ...options, signal: inner }));
  stream.close();
  throw new SyncError('PEER_REJECTED', { detail: answer.reason });
}

async function shakeHands(device: DeviceId, { peer, stream }: FoundPeer, options: Dial): Promise<Link> {
  const { book, makers, takesOver, clock, random, log, signal } = options;
  const session: DialSession = new DialSession({
    ...{ stream, peer, makers, takesOver, clock, random, log },
    makeLink: (made) => book.makeLink({ ...made, handshake: session }),
  });
  const leave = book.enter(session);
  const cancel = () => session.supersede();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    session.begin();
    const outcome = await session.outcome;
    if (outcome.kind === 'unreachable') throw new SyncError('DEVICE_UNREACHABLE', { device, tried: outcome.tried });
    if (outcome.kind === 'turned-away' && outcome.reason !== CROSSED)
      throw new SyncError('PEER_REJECTED', { detail: outcome.reason });
    // Linked, or the other side's dial goes on.
    return await book.until(device, signal);
  } finally {
    signal.removeEventListener('abort', cancel);
    leave();
  }
}
