import { withDeadline } from '../deadline.ts';
import { messageOf } from '../errors.ts';
import { SIGNAL_SESSIONS, SIGNAL_SESSIONS_PER_ACCOUNT, SIGNAL_SESSIONS_PER_ADDRESS } from '../limits.ts';
import { createPlaces, type Places } from '../places.ts';
import type { Clock, Log, PeerIdentity, Random } from '../ports.ts';
import { networkOf } from './ip-address.ts';
import type { LinkBook } from './link-book.ts';
import type { Admission, NetHandlers } from './net.ts';
import type { PathMaker } from './paths/path.ts';
import { AnswerSession } from './signalling/answer-session.ts';
import { answerIntroduction } from './signalling/greeting.ts';
import type { Introductions } from './signalling/introduction.ts';
import { patienceOn } from './signalling/patience.ts';
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

/** Answers whoever signals to us: greets, and goes through the handshake with those we admit. Nobody takes all the places. */
export function createAnswerer(options: AnswererOptions): (stream: SignalStream) => void {
  const places = createPlaces({ inAll: SIGNAL_SESSIONS, each: SIGNAL_SESSIONS_PER_ADDRESS });
  const ofAccounts = createPlaces({ inAll: SIGNAL_SESSIONS, each: SIGNAL_SESSIONS_PER_ACCOUNT });

  async function answer(stream: SignalStream): Promise<void> {
    const { remoteHost } = stream;
    const leave = places.take(remoteHost === undefined ? undefined : networkOf(remoteHost));
    try {
      if (leave !== undefined) await greetAndAnswer(stream, ofAccounts, options);
    } catch (error) {
      options.log.debug('a peer was not answered', { reason: messageOf(error) });
    } finally {
      leave?.();
      stream.close();
    }
  }

  return (stream) => void answer(stream);
}

async function greetAndAnswer(stream: SignalStream, ofAccounts: Places, options: AnswererOptions): Promise<void> {
  const { introductions, handlers, clock, signal } = options;
  const deadline = { what: 'Greeting a device', ms: patienceOn(stream).greetingMs, clock, signal };
  let leave: (() => void) | undefined;
  const admit = (peer: PeerIdentity): Admission => {
    const answer = handlers.admitPeer(peer);
    if (!answer.accept) return answer;
    leave = ofAccounts.take(peer.account);
    return leave === undefined ? { accept: false, reason: 'it is answering your other devices' } : answer;
  };
  try {
    const peer = await withDeadline(deadline, (inner) =>
      answerIntroduction(stream, { introductions, admit, signal: inner }),
    );
    await handshakeWith(peer, stream, options);
  } finally {
    leave?.();
  }
}

async function handshakeWith(peer: PeerIdentity, stream: SignalStream, options: AnswererOptions): Promise<void> {
  const { book, makers, clock, random, log } = options;
  const session: AnswerSession = new AnswerSession({
    ...{ stream, peer, makers, clock, random, log },
    makeLink: (made) => book.makeLink({ ...made, handshake: session }),
  });
  const leave = book.enter(session);
  session.begin();
  await session.over;
  leave();
}
