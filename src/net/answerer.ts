import { messageOf } from '../errors.ts';
import { GREETING_MS, SIGNAL_SESSIONS } from '../limits.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { withDeadline } from './deadline.ts';
import type { LinkBook } from './link-book.ts';
import type { NetHandlers } from './net.ts';
import type { PathMaker } from './paths/path.ts';
import { AnswerSession } from './signalling/answer-session.ts';
import { answerIntroduction } from './signalling/greeting.ts';
import type { Introductions } from './signalling/introduction.ts';
import type { SignalStream } from './signalling/signal-stream.ts';

export interface AnswererOptions {
  readonly introductions: Introductions;
  readonly book: LinkBook;
  readonly makers: readonly PathMaker[];
  readonly handlers: Pick<NetHandlers, 'admitPeer'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Answers whoever signals to us: greets, and goes through the handshake with those we admit. */
export function createAnswerer(options: AnswererOptions): (stream: SignalStream) => void {
  let sessions = 0;

  async function answer(stream: SignalStream): Promise<void> {
    sessions += 1;
    try {
      if (sessions <= SIGNAL_SESSIONS) await greetAndAnswer(stream, options);
    } catch (error) {
      options.log.debug('a peer was not answered', { reason: messageOf(error) });
    } finally {
      sessions -= 1;
      stream.close();
    }
  }

  return (stream) => void answer(stream);
}

async function greetAndAnswer(stream: SignalStream, options: AnswererOptions): Promise<void> {
  const { introductions, book, makers, handlers, clock, random, log, signal } = options;
  const deadline = { what: 'Greeting a device', ms: GREETING_MS, clock, signal };
  const admit = handlers.admitPeer.bind(handlers);
  const peer = await withDeadline(deadline, (inner) =>
    answerIntroduction(stream, { introductions, admit, signal: inner }),
  );
  const session: AnswerSession = new AnswerSession({
    ...{ stream, peer, makers, clock, random, log },
    makeLink: (made) => book.makeLink({ ...made, handshake: session }),
  });
  const leave = book.enter(session);
  session.begin();
  await session.over;
  leave();
}
