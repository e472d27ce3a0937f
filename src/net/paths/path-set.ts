import { PATH_STREAMS } from '../../limits.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { Link } from '../link/link.ts';
import type { PathKind } from '../net.ts';
import { reasonOf } from '../reason-of.ts';
import type { ProvedStream } from '../secure/secure-streams.ts';
import type { Description } from '../signalling/description.ts';
import type { PathAttempt, PathMaker } from './path.ts';

export interface PathSetOptions {
  readonly makers: readonly PathMaker[];
  readonly peer: PeerIdentity;
  readonly isDialer: boolean;
  readonly isLocal: boolean;
  /** Makes a link of a stream. It is not up yet. */
  makeLink(kind: PathKind, stream: ProvedStream): Link;
  onLink(kind: PathKind): void;
  onDescribed(kind: PathKind, description: Description): void;
  onFailed(kind: PathKind, reason: string): void;
  onOwnTriesFailed(kind: PathKind, reason: string): void;
}

interface Try {
  readonly attempt: PathAttempt;
  readonly links: Link[];
}

/** The paths that one handshake tries, and the links that came of them. Performs the effects that both sides share. */
export class PathSet {
  readonly #options: PathSetOptions;
  readonly #tries = new Map<PathKind, Try>();

  constructor(options: PathSetOptions) {
    this.#options = options;
  }

  describe(kind: PathKind, offer: Description | undefined): void {
    const { makers, peer, isDialer, isLocal, onDescribed, onFailed, onOwnTriesFailed } = this.#options;
    const maker = makers.find((candidate) => candidate.kind === kind);
    if (maker === undefined) {
      onFailed(kind, 'this device does not use that kind of path');
      return;
    }
    const onStream = (stream: ProvedStream) => this.#onStream(kind, stream);
    const attempt = maker.attempt({
      ...{ peer, isDialer, isLocal, onStream },
      onFailed: (reason) => onFailed(kind, reason),
      onOwnTriesFailed: (reason) => onOwnTriesFailed(kind, reason),
    });
    this.#tries.set(kind, { attempt, links: [] });
    attempt.describe(offer).then(
      (description) => onDescribed(kind, description),
      (error: unknown) => onFailed(kind, reasonOf(error)),
    );
  }

  connect(kind: PathKind, remote: Description): void {
    this.#tries.get(kind)?.attempt.connect(remote);
  }

  addCandidates(kind: PathKind, remote: Description): void {
    this.#tries.get(kind)?.attempt.addCandidates(remote);
  }

  /** The first link that came up on a path. */
  linkOn(kind: PathKind): Link | undefined {
    return this.#tries.get(kind)?.links[0];
  }

  /** Stops trying, and closes what came of it. A link that is up belongs to the book of links by then. */
  abandon(kind: PathKind): void {
    const abandoned = this.#tries.get(kind);
    this.#tries.delete(kind);
    abandoned?.attempt.release();
    for (const link of abandoned?.links ?? []) if (!link.isUp) void link.close('another path was chosen');
  }

  abandonAll(): void {
    for (const kind of [...this.#tries.keys()]) this.abandon(kind);
  }

  #onStream(kind: PathKind, stream: ProvedStream): void {
    const found = this.#tries.get(kind);
    if (found === undefined || found.links.length >= PATH_STREAMS) {
      stream.stream.destroy();
      return;
    }
    found.links.push(this.#options.makeLink(kind, stream));
    this.#options.onLink(kind);
  }
}
