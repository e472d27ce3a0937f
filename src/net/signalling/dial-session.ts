import type { PathKind } from '../net.ts';
import { PathSet } from '../paths/path-set.ts';
import { reasonOf } from '../reason-of.ts';
import { type DialEffect, type DialInput, type DialOutcome, type DialTimer, dialState, step } from './dial-machine.ts';
import { type Handshake, type HandshakeOptions, readSignals } from './handshake.ts';
import { createDriver } from './machine-driver.ts';
import { patienceOn } from './patience.ts';
import { SharedEffects } from './shared-effects.ts';
import type { Signal } from './signal.ts';
import { createStory } from './story.ts';

/** Drives the dialer's machine: to a link that is up, or to the reasons why there is none. */
export class DialSession implements Handshake {
  readonly peer;
  readonly outcome: Promise<DialOutcome>;
  readonly #options: HandshakeOptions;
  readonly #paths: PathSet;
  readonly #shared: SharedEffects<DialTimer>;
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
    const machine = { initial: dialState(plans, patienceOn(options.stream)), step };
    this.#feed = createDriver(machine, (effect) => this.#perform(effect), createStory('dial', options));
    this.#paths = new PathSet({
      ...options,
      isDialer: true,
      isLocal: options.stream.isLocal,
      makeLink: (kind, stream) =>
        options.makeLink({ kind, stream, isDialer: true, takesOver: options.takesOver ?? false, onUp: () => {} }),
      onLink: (path) => this.#feed({ kind: 'secured', path }),
      onDescribed: (path, description) => this.#feed({ kind: 'described', path, description }),
      onFailed: (path, reason) => this.#feed({ kind: 'path-failed', path, reason }),
      onOwnTriesFailed: (path, reason) => this.#feed({ kind: 'own-tries-failed', path, reason }),
    });
    this.#shared = new SharedEffects({
      ...options,
      paths: this.#paths,
      onWoken: (timer) => this.#feed({ kind: 'woken', timer }),
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
    const onSignal = (signal: Signal) => this.#feed({ kind: 'received', signal });
    await readSignals(stream, { signal: this.#shared.signal, log, onSignal });
    this.#feed({ kind: 'signalling-ended' });
  }

  #perform(effect: DialEffect): void {
    switch (effect.kind) {
      case 'describe':
        this.#paths.describe(effect.path, undefined);
        break;
      case 'nominate':
        void this.#nominate(effect.path);
        break;
      case 'finish':
        this.#shared.finish();
        this.#resolve(effect.outcome);
        break;
      default:
        this.#shared.perform(effect);
    }
  }

  async #nominate(path: PathKind): Promise<void> {
    const link = this.#paths.linkOn(path);
    try {
      const answer = await link?.nominate({ signal: this.#shared.signal });
      if (answer?.outcome === 'up') this.#feed({ kind: 'agreed', path });
      else if (answer?.outcome === 'turned-away') this.#feed({ kind: 'turned-away', path, reason: answer.reason });
      else this.#feed({ kind: 'path-failed', path, reason: answer?.reason ?? 'the connection is gone' });
    } catch (error) {
      this.#feed({ kind: 'path-failed', path, reason: reasonOf(error) });
    }
  }
}
