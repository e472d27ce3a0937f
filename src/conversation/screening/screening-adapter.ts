import type { CommitId } from '../../ids.ts';
import { SCREENING_OBJECTS, SCREENING_THREAD_OBJECTS } from '../../limits.ts';
import type { HistoryReader } from '../log/history-reader.ts';
import type { Arrival, PackWatch } from '../repository/receive/arrival.ts';
import type { PackPlace } from '../repository/repository.ts';
import { ArrivedKeys } from './arrived-keys.ts';
import { keysIn } from './keys-in-history.ts';
import { slicesOf } from './pack-slices.ts';
import type { KeyOf } from './screen-commit.ts';
import type { ScreenTask } from './screen-message.ts';
import { SCREENERS, ScreenThread } from './screen-thread-adapter.ts';
import { ScreenedCommits } from './screened-commits.ts';
import { WaitingArrivals } from './waiting-arrivals.ts';

export interface ScreeningOptions {
  /** Keys that are known before anything has come; none without it. */
  readonly knownKeyOf?: KeyOf;
  readonly signal: AbortSignal;
}

export interface Screenable {
  readonly history: HistoryReader;
  readonly packs: readonly PackPlace[];
  readonly head: CommitId;
  /** How many commits the packs hold, where that is known. */
  readonly commits?: number | undefined;
}

/** So many tasks lie with each thread: the next one is there when one is done. */
const TASKS_AHEAD = 2;

/**
 * Lets threads find out what can be said of each commit of a history by itself, on all cores: while its pack comes in, as
 * the pack's watch, and of what is left once it is there. What threads do not say is unknown, and never wrong.
 */
export class Screening implements PackWatch, AsyncDisposable {
  readonly #signal: AbortSignal;
  readonly #screened = new ScreenedCommits();
  readonly #arrivals = new WaitingArrivals();
  readonly #arrivedKeys = new ArrivedKeys();
  #keyOf: KeyOf;
  #threads: readonly ScreenThread[] = [];
  /** The arrivals that are being screened. */
  #underWay: Promise<unknown> = Promise.resolve();
  readonly #end = () => this[Symbol.asyncDispose]();

  constructor({ signal, knownKeyOf = async () => undefined }: ScreeningOptions) {
    this.#signal = signal;
    this.#keyOf = async (signer) => (await knownKeyOf(signer)) ?? this.#arrivedKeys.keyOf(signer.device);
  }

  /** However many: those whom nobody has to screen are too few for a watch to hear of them. */
  expect(objects: number): void {
    this.#start(objects);
    this.#underWay = this.#screenAll(async () => {
      const arrival = await this.#arrivals.next();
      return arrival && { kind: 'arrived', arrival };
    });
  }

  take(arrival: Arrival): void {
    this.#arrivedKeys.take(arrival.certificates);
    if (this.#threads.length > 0) this.#arrivals.push(arrival);
  }

  /**
   * Of all commits in the packs, whose trees the history reads, the head among them; undefined when they are few. To be
   * called once: the threads go. Throws the signal's reason.
   */
  async finish({ history, packs, head, commits }: Screenable): Promise<ScreenedCommits | undefined> {
    const objects = packs.reduce((sum, { index }) => sum + index.count, 0);
    if (objects < SCREENING_OBJECTS && this.#threads.length === 0) return undefined;
    this.#arrivals.end();
    await this.#underWay;
    this.#signal.throwIfAborted();
    if (this.#screened.size !== commits) await this.#screenRest({ history, packs, head }, objects);
    await this[Symbol.asyncDispose]();
    return this.#screened;
  }

  /** What did not come by, or came before the key of its author did. */
  async #screenRest({ history, packs, head }: Screenable, objects: number): Promise<void> {
    this.#keyOf = keysIn(history);
    if (this.#threads.length === 0) {
      this.#start(objects);
      void this.#readKeyOf(history, head);
    }
    for (const thread of this.#threads) thread.see(packs.map(({ path, start, size }) => ({ path, start, size })));
    const slices = slicesOf(packs, this.#screened);
    await this.#screenAll(async () => {
      const { value: slice } = await slices.next();
      return slice && { kind: 'slice', slice };
    });
    this.#signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#end);
    this.#arrivals.end();
    await Promise.all(this.#threads.map((thread) => thread[Symbol.asyncDispose]()));
  }

  /** A second thread has to have enough to do to be worth its start. */
  #start(objects: number): void {
    if (this.#threads.length > 0) return;
    this.#signal.addEventListener('abort', this.#end);
    const length = Math.min(SCREENERS, Math.max(1, Math.floor(objects / SCREENING_THREAD_OBJECTS)));
    this.#threads = Array.from({ length }, () => new ScreenThread((signer) => this.#keyOf(signer)));
  }

  /** While the threads start: whoever wrote last has written much, and a thread that asks for a key waits for it. */
  async #readKeyOf(history: HistoryReader, head: CommitId): Promise<void> {
    try {
      const { author, tree } = await history.commit(head);
      await this.#keyOf({ device: author.device, tree });
    } catch {
      // Whoever judges the head says what is wrong with it.
    }
  }

  /** Until there is no next task, or no thread to perform it. */
  async #screenAll(next: () => Promise<ScreenTask | undefined>): Promise<void> {
    const run = async (thread: ScreenThread) => {
      for (let task = await next(); task; task = await next()) {
        const records = await thread.screen(task);
        if (!records) return;
        this.#screened.add(records);
      }
    };
    await Promise.all(this.#threads.flatMap((thread) => Array.from({ length: TASKS_AHEAD }, () => run(thread))));
  }
}
