import { withDeadline } from '../../deadline.ts';
import { SyncError } from '../../errors.ts';
import { GATE_ANSWER_MS, GATE_PING_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { type FromGate, type FromGuest, hexOf, parseFromGate } from './gate-message.ts';

export interface GateSessionOptions {
  /** What this device is found under. */
  readonly topics: readonly Uint8Array[];
  readonly clock: Clock;
  /** Ends the session. */
  readonly signal: AbortSignal;
  /** Ends the entering. */
  readonly entering: AbortSignal;
  /** Somebody wants to speak to this device. */
  onIncoming(ticket: string): void;
}

type Answer = Extract<FromGate, { readonly id: number }>;

/** Says the first word and hears the answer. Throws PROTOCOL_BROKEN, MALFORMED, the signal's reason; the stream is closed then. */
export async function enterGate(stream: SignalStream, options: GateSessionOptions): Promise<GateSession> {
  try {
    stream.send({ kind: 'enter', version: 1, topics: options.topics.map(hexOf) } satisfies FromGuest);
    const first = await stream.receive({ signal: options.entering });
    if (first === undefined || parseFromGate(first.message).kind !== 'entered')
      throw new SyncError('PROTOCOL_BROKEN', { protocol: 'gate', detail: 'it does not let this device in' });
    return new GateSession(stream, options);
  } catch (error) {
    stream.close();
    throw error;
  }
}

/** What this device asks of a gate that it has entered, and hears from it. */
export class GateSession {
  /** Fires when the gate is gone, also when it has become silent. */
  readonly ended: AbortSignal;
  readonly #stream: SignalStream;
  readonly #options: GateSessionOptions;
  readonly #over = new AbortController();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  #isHeard = true;

  constructor(stream: SignalStream, options: GateSessionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.ended = AbortSignal.any([options.signal, this.#over.signal]);
    for (const lasting of [this.#hear(), this.#stayAlive()]) void lasting.catch(() => {}).then(() => this.close());
  }

  /** Keys that entered under the topic, in hex, this device's own among them. Throws TIMED_OUT, CANCELLED, the signal's reason. */
  async lookUp(topic: Uint8Array, at: { signal: AbortSignal }): Promise<readonly string[]> {
    const answer = await this.#ask((id) => ({ kind: 'look-up', id, topic: hexOf(topic) }), at.signal);
    return answer.kind === 'found' ? answer.keys : [];
  }

  /** What to come with to speak to the key's holder; undefined when it is not there. Throws as `lookUp`. */
  async ticketTo(key: string, at: { signal: AbortSignal }): Promise<string | undefined> {
    const answer = await this.#ask((id) => ({ kind: 'connect', id, key }), at.signal);
    return answer.kind === 'ticket' ? answer.ticket : undefined;
  }

  close(): void {
    this.#over.abort(new SyncError('CANCELLED', { what: 'Speaking to a gate' }));
    this.#stream.close();
  }

  async #hear(): Promise<void> {
    for (;;) {
      const next = await this.#stream.receive({ signal: this.ended });
      if (next === undefined) return;
      const message = parseFromGate(next.message);
      this.#isHeard = true;
      if (message.kind === 'incoming') this.#options.onIncoming(message.ticket);
      if ('id' in message) this.#waiting.get(message.id)?.(message);
    }
  }

  async #stayAlive(): Promise<void> {
    while (this.#isHeard) {
      this.#isHeard = false;
      this.#say({ kind: 'ping' });
      await this.#options.clock.wait(GATE_PING_MS, this.ended);
    }
  }

  async #ask(question: (id: number) => FromGuest, signal: AbortSignal): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const until = AbortSignal.any([signal, this.ended]);
    const deadline = { what: 'Asking a gate', ms: GATE_ANSWER_MS, clock: this.#options.clock, signal: until };
    const answered = new Promise<Answer>((resolve) => void this.#waiting.set(id, resolve));
    try {
      return await withDeadline(deadline, () => {
        this.#say(question(id));
        return answered;
      });
    } finally {
      this.#waiting.delete(id);
    }
  }

  #say(message: FromGuest): void {
    this.#stream.send(message);
  }
}
