import { never } from '../../never.ts';
import { PathSet } from '../paths/path-set.ts';
import { type AnswerEffect, type AnswerInput, answerState, step } from './answer-machine.ts';
import { type Handshake, type HandshakeOptions, handshakeOver, readSignals, wakeAfter } from './handshake.ts';
import { createDriver } from './machine-driver.ts';
import { formatSignal, type Signal } from './signal.ts';

/** Drives the answerer's machine, until the dialer has chosen a link or the time is up. */
export class AnswerSession implements Handshake {
  readonly peer;
  readonly over: Promise<void>;
  readonly #options: HandshakeOptions;
  readonly #paths: PathSet;
  readonly #over = new AbortController();
  readonly #feed: (input: AnswerInput) => void;
  #resolve: () => void = () => {};

  constructor(options: HandshakeOptions) {
    this.peer = options.peer;
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const kinds = options.makers.map(({ kind }) => kind);
    this.#feed = createDriver({ initial: answerState(kinds), step }, (effect) => this.#perform(effect));
    this.#paths = new PathSet({
      ...options,
      isDialer: false,
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
  }

  begin(): void {
    const { stream, log } = this.#options;
    const onSignal = (signal: Signal) => this.#feed({ kind: 'received', signal });
    this.#feed({ kind: 'begin' });
    void readSignals(stream, { signal: this.#over.signal, log, onSignal });
  }

  supersede(): void {
    this.#feed({ kind: 'superseded' });
  }

  #perform(effect: AnswerEffect): void {
    switch (effect.kind) {
      case 'describe':
        this.#paths.describe(effect.path, effect.offer);
        break;
      case 'send':
        this.#options.stream.send(formatSignal(effect.signal));
        break;
      case 'connect':
        this.#paths.connect(effect.path, effect.remote);
        break;
      case 'add-candidates':
        this.#paths.addCandidates(effect.path, effect.remote);
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
        this.#paths.abandonAll();
        this.#over.abort(handshakeOver());
        this.#options.stream.close();
        this.#resolve();
        break;
      default:
        never(effect);
    }
  }
}
