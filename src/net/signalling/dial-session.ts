import { never } from '../../never.ts';
import type { PathKind } from '../net.ts';
import { PathSet } from '../paths/path-set.ts';
import { reasonOf } from '../reason-of.ts';
import { type DialEffect, type DialInput, type DialOutcome, dialState, step } from './dial-machine.ts';
import { type Handshake, type HandshakeOptions, handshakeOver, readSignals, wakeAfter } from './handshake.ts';
import { createDriver } from './machine-driver.ts';
import { formatSignal } from './signal.ts';

/** Drives the dialer's machine: to a link that is up, or to the reasons why there is none. */
export class DialSession implements Handshake {
  readonly peer;
  readonly outcome: Promise<DialOutcome>;
  readonly #options: HandshakeOptions;
  readonly #paths: PathSet;
  readonly #over = new AbortController();
  readonly #feed: (input: DialInput) => void;
  #resolve: (outcome: DialOutcome) => void = () => {};

  constructor(options: HandshakeOptions) {
    this.peer = options.peer;
    this.#options = options;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const plans = options.makers.map(({ kind, holdsCandidatesBack }) => ({
      path: kind,
      id: 1 + options.random.below(Number.MAX_SAFE_INTEGER - 1),
      holdsCandidatesBack,
    }));
    this.#feed = createDriver({ initial: dialState(plans), step }, (effect) => this.#perform(effect));
    this.#paths = new PathSet({
      ...options,
      isDialer: true,
      makeLink: (kind, stream) =>
        options.makeLink({ kind, stream, isDialer: true, takesOver: options.takesOver ?? false, onUp: () => {} }),
      onLink: (path) => this.#feed({ kind: 'secured', path }),
      onDescribed: (path, description) => this.#feed({ kind: 'described', path, description }),
      onFailed: (path, reason) => this.#feed({ kind: 'path-failed', path, reason }),
      onOwnTriesFailed: (path, reason) => this.#feed({ kind: 'own-tries-failed', path, reason }),
    });
  }

  begin(): void {
    this.#feed({ kind: 'begin' });
    void this.#listen();
  }

  supersede(): void {
    this.#feed({ kind: 'superseded' });
  }

  async #listen(): Promise<void> {
    const { stream, log } = this.#options;
    const onSignal = (signal: Extract<DialInput, { kind: 'received' }>['signal']) =>
      this.#feed({ kind: 'received', signal });
    await readSignals(stream, { signal: this.#over.signal, log, onSignal });
    this.#feed({ kind: 'signalling-ended' });
  }

  #perform(effect: DialEffect): void {
    switch (effect.kind) {
      case 'describe':
        this.#paths.describe(effect.path, undefined);
        break;
      case 'send':
        this.#options.stream.send(formatSignal(effect.signal));
        break;
      case 'connect':
        this.#paths.connect(effect.path, effect.remote);
        break;
      case 'nominate':
        void this.#nominate(effect.path);
        break;
      case 'abandon':
        this.#paths.abandon(effect.path);
        break;
      case 'wake-after': {
        const { timer, ms } = effect;
        const { clock } = this.#options;
        wakeAfter(ms, { clock, signal: this.#over.signal }, () => this.#feed({ kind: 'woken', timer }));
        break;
      }
      case 'finish':
        this.#finish(effect.outcome);
        break;
      default:
        never(effect);
    }
  }

  async #nominate(path: PathKind): Promise<void> {
    const link = this.#paths.linkOn(path);
    try {
      const answer = await link?.nominate({ signal: this.#over.signal });
      if (answer?.outcome === 'up') this.#feed({ kind: 'agreed', path });
      else if (answer?.outcome === 'turned-away') this.#feed({ kind: 'turned-away', path, reason: answer.reason });
      else this.#feed({ kind: 'path-failed', path, reason: answer?.reason ?? 'the connection is gone' });
    } catch (error) {
      this.#feed({ kind: 'path-failed', path, reason: reasonOf(error) });
    }
  }

  #finish(outcome: DialOutcome): void {
    this.#paths.abandonAll();
    this.#over.abort(handshakeOver());
    this.#options.stream.close();
    this.#resolve(outcome);
  }
}
