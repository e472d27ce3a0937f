/** Asks STUN servers from one UDP port, from where each sees it come (RFC 8489), and from elsewhere (RFC 5780). */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { DOCTOR_STUN_MS, DOCTOR_STUN_TRIES } from '../../limits.ts';
import type { Clock, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { StunAttributes } from '../stun/attributes.ts';
import { decodeStun, encodeStun } from '../stun/message.ts';

export interface StunPort extends AsyncDisposable {
  /** Its number. */
  readonly local: number;
  /** The answer's attributes; undefined when none comes. `change` is that of CHANGE-REQUEST. Throws the signal's reason. */
  ask(server: Address, change?: number): Promise<StunAttributes | undefined>;
}

export interface StunPortOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Throws what node throws when no port can be had. */
export async function openStunPort({ host, clock, random, signal }: StunPortOptions): Promise<StunPort> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening', { signal });
  const answers = listen(socket);
  return {
    local: socket.address().port,
    async ask({ host: address, port }, change) {
      const transaction = Buffer.from(random.bytes(12)).toString('hex');
      const attributes: StunAttributes = change === undefined ? {} : { changeRequest: change };
      const request = encodeStun({ class: 'request', method: 'binding', transaction, attributes });
      const answered = answers.of(transaction);
      for (let tries = 0; tries < DOCTOR_STUN_TRIES; tries += 1) {
        // A name that is not found is a server that does not answer.
        socket.send(request, port, address, () => {});
        const over = new AbortController();
        const wait = clock.wait(DOCTOR_STUN_MS / DOCTOR_STUN_TRIES, AbortSignal.any([signal, over.signal]));
        const answer = await Promise.race([answered, wait.then(() => undefined)]).finally(() => over.abort());
        if (answer !== undefined) return answer;
      }
      answers.forget(transaction);
      return undefined;
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

interface Answers {
  of(transaction: string): Promise<StunAttributes>;
  forget(transaction: string): void;
}

/** An answer is known by its number alone: it may come from elsewhere. */
function listen(socket: Socket): Answers {
  const waiting = new Map<string, (attributes: StunAttributes) => void>();
  socket.on('error', () => {});
  socket.on('message', (bytes) => {
    try {
      const { class: kind, transaction, attributes } = decodeStun(bytes);
      if (kind !== 'success') return;
      waiting.get(transaction)?.(attributes);
      waiting.delete(transaction);
    } catch {
      // It is no STUN, and nobody's answer.
    }
  });
  return {
    of: (transaction) => new Promise((resolve) => waiting.set(transaction, resolve)),
    forget: (transaction) => void waiting.delete(transaction),
  };
}
