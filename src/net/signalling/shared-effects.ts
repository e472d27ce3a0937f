import { SyncError } from '../../errors.ts';
import { never } from '../../never.ts';
import type { Milliseconds } from '../../ports.ts';
import type { PathKind } from '../net.ts';
import type { PathSet } from '../paths/path-set.ts';
import type { Description } from './description.ts';
import type { HandshakeOptions } from './handshake.ts';
import { formatSignal, type Signal } from './signal.ts';

/** What the machines of both sides want done alike. The names of the timers are each machine's own. */
export type SharedEffect<Timer> =
  | { readonly kind: 'send'; readonly signal: Signal }
  | { readonly kind: 'connect'; readonly path: PathKind; readonly remote: Description }
  /** Nothing more is wanted of the path and its streams. */
  | { readonly kind: 'abandon'; readonly path: PathKind }
  | { readonly kind: 'wake-after'; readonly timer: Timer; readonly ms: Milliseconds };

export interface SharedEffectsOptions<Timer> extends Pick<HandshakeOptions, 'stream' | 'clock'> {
  readonly paths: PathSet;
  onWoken(timer: Timer): void;
}

/** Performs the effects that both sides share, until the handshake is over. */
export class SharedEffects<Timer> {
  readonly #options: SharedEffectsOptions<Timer>;
  readonly #over = new AbortController();

  constructor(options: SharedEffectsOptions<Timer>) {
    this.#options = options;
  }

  /** Fires when the handshake is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  perform(effect: SharedEffect<Timer>): void {
    const { stream, clock, paths, onWoken } = this.#options;
    switch (effect.kind) {
      case 'send':
        stream.send(formatSignal(effect.signal));
        break;
      case 'connect':
        paths.connect(effect.path, effect.remote);
        break;
      case 'abandon':
        paths.abandon(effect.path);
        break;
      case 'wake-after':
        clock.wait(effect.ms, this.signal).then(
          () => onWoken(effect.timer),
          () => {},
        );
        break;
      default:
        never(effect);
    }
  }

  /** Lets go of everything. */
  finish(): void {
    this.#options.paths.abandonAll();
    this.#over.abort(new SyncError('CANCELLED', { what: 'The handshake' }));
    this.#options.stream.close();
  }
}
