import type { PeerIdentity } from '../../ports.ts';
import type { PathKind } from '../net.ts';
import type { ProvedStream } from '../secure/secure-streams.ts';
import type { Description } from '../signalling/description.ts';

/** One try to get a secured stream to a peer over one kind of path. Either side has one. */
export interface PathAttempt {
  /**
   * How the other side reaches us. The answerer passes the offer it answers. Throws what stands in the way.
   * Called once, and first.
   */
  describe(offer: Description | undefined): Promise<Description>;
  /** Connects to the other side as it described itself. Streams come through `onStream`. */
  connect(remote: Description): void;
  /** Candidates that the offer held back. */
  addCandidates(remote: Description): void;
  /** Stops trying. Streams that were handed over live on. */
  release(): void;
}

export interface PathAttemptOptions {
  readonly peer: PeerIdentity;
  readonly isDialer: boolean;
  /** The peer was met on the local network: link-local addresses are of use to it, as to nobody else. */
  readonly isLocal: boolean;
  /** May be called several times: both sides may get through. Who is called owns the stream. */
  onStream(stream: ProvedStream): void;
  /** Nothing can come of the path any more. */
  onFailed(reason: string): void;
  /** We did not get through; the other side may still get through to us. */
  onOwnTriesFailed(reason: string): void;
}

/** A kind of path. */
export interface PathMaker {
  readonly kind: PathKind;
  /** The offer goes without candidates, which follow once the answer is there. */
  readonly holdsCandidatesBack: boolean;
  attempt(options: PathAttemptOptions): PathAttempt;
  /** After the last stream is gone. */
  close(): void;
}
