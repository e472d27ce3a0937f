/**
 * Requests to a TURN server and their answers, over one stream. The server's challenge (RFC 8489 §9.2) is answered here,
 * so that those who ask need not know of it.
 */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../deadline.ts';
import { clauseOf, SyncError } from '../../errors.ts';
import { RELAY_CHALLENGES, RELAY_REQUEST_MS } from '../../limits.ts';
import type { Clock, Milliseconds, Random } from '../../ports.ts';
import type { StunAttributes } from '../stun/attributes.ts';
import { type DecodedStun, encodeStun, type StunMethod } from '../stun/message.ts';
import { createStunReader } from '../stun/stun-reader.ts';
import type { TurnCredentials } from './turn-server.ts';

/** What the server last challenged us with. Streams to the same server share it, so that only the first is challenged. */
export interface TurnRealm {
  current?: { readonly realm: string; readonly nonce: string };
}

export interface TurnSessionOptions {
  /** Owned by the session until `detach`. */
  readonly stream: Duplex;
  readonly credentials: TurnCredentials;
  readonly realm: TurnRealm;
  readonly clock: Clock;
  readonly random: Random;
  onIndication?(message: DecodedStun): void;
  /** Once, unless the session was closed or detached from here. */
  onClosed?(reason: string): void;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly ms?: Milliseconds;
}

export interface TurnSession {
  /** The answer's attributes. Throws RELAY_REFUSED, RELAY_LOST, TIMED_OUT, the signal's reason. */
  request(method: StunMethod, attributes: StunAttributes, options: RequestOptions): Promise<StunAttributes>;
  /** Leaves the stream to the caller, paused, with all that came and was no message. */
  detach(): Duplex;
  close(): void;
}

const UNAUTHORIZED = 401;
const STALE_NONCE = 438;

export function createTurnSession(options: TurnSessionOptions): TurnSession {
  const { stream, clock, random } = options;
  const over = new AbortController();
  const transactions = createTransactions(stream, random);
  const intake = listen(stream, {
    onMessage(message) {
      if (isLast(message)) intake.stop();
      if (message.class === 'indication') options.onIndication?.(message);
      else transactions.answer(message);
    },
    onBroken(reason) {
      if (over.signal.aborted) return;
      stop(new SyncError('RELAY_LOST', { detail: reason }));
      stream.destroy();
      options.onClosed?.(reason);
    },
  });

  function stop(error: SyncError): void {
    intake.stop();
    over.abort(error);
  }

  async function ask(method: StunMethod, attributes: StunAttributes, signal: AbortSignal): Promise<StunAttributes> {
    for (let challenges = 0; ; challenges += 1) {
      const answer = await transactions.exchange({ method, ...proved(attributes, options) }, signal);
      if (answer.class === 'success') return answer.attributes;
      const { errorCode = { code: 0, reason: 'without a reason' }, realm, nonce } = answer.attributes;
      const isChallenge = errorCode.code === STALE_NONCE || errorCode.code === UNAUTHORIZED;
      // The same nonce again is no challenge but a refusal of what we showed.
      const isNew = nonce !== undefined && nonce !== options.realm.current?.nonce;
      if (!isChallenge || !isNew || challenges >= RELAY_CHALLENGES)
        throw new SyncError('RELAY_REFUSED', { request: method, status: errorCode.code, detail: errorCode.reason });
      options.realm.current = { realm: realm ?? options.realm.current?.realm ?? '', nonce };
    }
  }

  return {
    request(method, attributes, { signal, ms = RELAY_REQUEST_MS }) {
      const either = AbortSignal.any([signal, over.signal]);
      const deadline = { what: `The relay's answer to ${method}`, ms, clock, signal: either };
      return withDeadline(deadline, (inner) => ask(method, attributes, inner));
    },
    detach() {
      stop(new SyncError('CANCELLED', { what: 'The relay session' }));
      const rest = intake.rest();
      if (rest.length > 0) stream.unshift(rest);
      return stream;
    },
    close() {
      stop(new SyncError('CANCELLED', { what: 'The relay session' }));
      stream.destroy();
    },
  };
}

/** What follows on the stream comes from the peer, RFC 6062 §4.4. It may be in the same chunk. */
function isLast({ class: kind, method }: DecodedStun): boolean {
  return method === 'connection-bind' && kind === 'success';
}

interface Intake {
  /** Nothing is read any more, and the stream is paused. Errors of the stream are still heard, and change nothing. */
  stop(): void;
  /** What came and belongs to no message. */
  rest(): Uint8Array;
}

function listen(
  stream: Duplex,
  handlers: { onMessage(message: DecodedStun): void; onBroken(reason: string): void },
): Intake {
  const reader = createStunReader();
  let isReading = true;
  const onData = (chunk: Uint8Array) => {
    try {
      reader.push(chunk);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        handlers.onMessage(message);
        if (!isReading) return;
      }
    } catch (error) {
      handlers.onBroken(clauseOf(error));
    }
  };
  const onEnd = () => handlers.onBroken('the server closed the connection');
  stream.on('error', (error: Error) => handlers.onBroken(clauseOf(error)));
  stream.on('data', onData).on('end', onEnd).on('close', onEnd);
  return {
    stop() {
      isReading = false;
      stream.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
    },
    rest: () => reader.rest(),
  };
}

interface Transactions {
  exchange(request: Outgoing, signal: AbortSignal): Promise<DecodedStun>;
  answer(message: DecodedStun): void;
}

/** Requests that wait for their answers, each known by a number that only the server can have seen. */
function createTransactions(stream: Duplex, random: Random): Transactions {
  const waiting = new Map<string, (answer: DecodedStun) => void>();
  return {
    async exchange({ method, attributes, key }, signal) {
      const transaction = Buffer.from(random.bytes(12)).toString('hex');
      try {
        return await new Promise<DecodedStun>((resolve, reject) => {
          waiting.set(transaction, (answer) => {
            // Of what should be proved and is not we do not know who made it; errors are not proved (RFC 8489 §9.2.4).
            if (key === undefined || answer.class === 'error' || answer.isProvedBy(key)) resolve(answer);
          });
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          stream.write(encodeStun({ class: 'request', method, transaction, attributes }, key));
        });
      } finally {
        waiting.delete(transaction);
      }
    },
    answer: (message) => waiting.get(message.transaction)?.(message),
  };
}

interface Outgoing {
  readonly method: StunMethod;
  readonly attributes: StunAttributes;
  readonly key?: Uint8Array;
}

/** With the proof of the long-term credentials once the server has said for which realm, RFC 8489 §9.2.2. */
function proved(
  attributes: StunAttributes,
  { realm: { current }, credentials }: TurnSessionOptions,
): Omit<Outgoing, 'method'> {
  if (current === undefined) return { attributes };
  const { username, password } = credentials;
  const key = createHash('md5').update(`${username}:${current.realm}:${password}`).digest();
  return { attributes: { ...attributes, username, ...current }, key };
}
