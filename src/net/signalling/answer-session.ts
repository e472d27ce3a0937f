import { PathSet } from '../paths/path-set.ts';
import { type AnswerEffect, type AnswerInput, type AnswerTimer, answerState, step } from './answer-machine.ts';
import { type Handshake, type HandshakeOptions, readSignals } from './handshake.ts';
import { createDriver } from './machine-driver.ts';
import { patienceOn } from './patience.ts';
import { SharedEffects } from './shared-effects.ts';
import type { Signal } from './signal.ts';
import { createStory } from './story.ts';

/** Drives the answerer's machine, until the dialer has chosen a link or the time is up. */
export class AnswerSession implements Handshake {
  readonly peer;
  readonly over: Promise<void>;
  readonly #options: HandshakeOptions;
  readonly #paths: PathSet;
  readonly #shared: SharedEffects<AnswerTimer>;
  readonly #feed: (input: AnswerInput) => void;
  #resolve: () => void = () => {};

  constructor(options: HandshakeOptions) {
    this.peer = options.peer;
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const kinds = options.makers.map(({ kind }) => kind);
    const machine = { initial: answerState(kinds, patienceOn(options.stream)), step };
    this.#feed = createDriver(machine, (effect) => this.#perform(effect), createStory('answer', options));
    this.#paths = new PathSet({
      ...options,
      isDialer: false,
      isLocal: options.stream.isLocal,
      makeLink: (kind, stream) =>
        options.makeLink({
          ...{ kind, stream, isDialer: false, takesOver: false },
          onUp: () => this.#feed({ kind: 'agreed', path: kind }),
        }),
      onLink: () => {},
      onDescribed: (path, description) => this.#feed({ kind: 'described', path, description }),
      onFailed: (path, reason) => this.#feed({ kind: 'path-failed', path, reason }),
      onOwnTriesFailed: (path, reason) => this.#feed({ kind: 'path-failed', path, reason }),
    });
    this.#shared = new SharedEffects({
      ...options,
      paths: this.#paths,
      onWoken: (timer) => this.#feed({ kind: 'woken', timer }),
    });
  }

  begin(): void {
    const { stream, log } = this.#options;
    const onSignal = (signal: Signal) => this.#feed({ kind: 'received', signal });
    this.#feed({ kind: 'begin' });
    void readSignals(stream, { signal: this.#shared.signal, log, onSignal });
  }

  supersede(): void {
    this.#feed({ kind: 'superseded' });
  }

  #perform(effect: AnswerEffect): void {
    switch (effect.kind) {
      case 'describe':
        this.#paths.describe(effect.path, effect.offer);
        break;
      case 'add-candidates':
        this.#paths.addCandidates(effect.path, effect.remote);
        break;
      case 'finish':
        this.#shared.finish();
        this.#resolve();
        break;
      default:
        this.#shared.perform(effect);
    }
  }
}
