/** Questions to a router by UDP, and what it answers. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { withDeadline } from '../../deadline.ts';
import { ROUTER_REPEAT_FIRST_MS } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';
import type { Address } from '../address.ts';

export interface RouterQuestion<Answer> {
  /** As a sentence's subject: "Asking the router". */
  readonly what: string;
  readonly bytes: Uint8Array;
  /** Where it is sent to; as often as there is time for, with a wait that doubles (RFC 6886 §3.1). */
  readonly to: readonly Address[];
  readonly ms: Milliseconds;
  /** Undefined for what is no answer to the question; what it throws ends the question. */
  read(bytes: Uint8Array): Answer | undefined;
}

export interface AskRouterOptions {
  /** This machine's address on the router's network. */
  readonly from: string;
  /** The only address that is listened to. */
  readonly router: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Throws what `read` throws, TIMED_OUT, the signal's reason, what the socket fails with. */
export function askRouter<Answer>(question: RouterQuestion<Answer>, options: AskRouterOptions): Promise<Answer> {
  const { from, router, clock } = options;
  return withDeadline({ ...question, clock, signal: options.signal }, async (signal) => {
    const socket = createSocket('udp4');
    try {
      const answer = answerOn(socket, { router, read: question.read, signal });
      socket.bind(0, from);
      await Promise.race([once(socket, 'listening'), answer]);
      socket.setMulticastInterface(from);
      void send(socket, question, { clock, signal });
      return await answer;
    } finally {
      socket.close();
    }
  });
}

interface Listening<Answer> extends Pick<RouterQuestion<Answer>, 'read'> {
  readonly router: string;
  readonly signal: AbortSignal;
}

function answerOn<Answer>(socket: Socket, { router, read, signal }: Listening<Answer>): Promise<Answer> {
  const answer = new Promise<Answer>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.on('error', reject);
    socket.on('message', (bytes, { address }) => {
      if (address !== router) return;
      try {
        const found = read(bytes);
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error);
      }
    });
  });
  answer.catch(() => {});
  return answer;
}

async function send(
  socket: Socket,
  { bytes, to }: Pick<RouterQuestion<unknown>, 'bytes' | 'to'>,
  { clock, signal }: Pick<AskRouterOptions, 'clock' | 'signal'>,
): Promise<void> {
  for (let ms = ROUTER_REPEAT_FIRST_MS; !signal.aborted; ms *= 2) {
    // A place that cannot be sent to at the moment is one that does not answer.
    for (const { host, port } of to) socket.send(bytes, port, host, () => {});
    await clock.wait(ms, signal).catch(() => {});
  }
}
