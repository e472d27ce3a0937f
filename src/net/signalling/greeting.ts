import { SyncError } from '../../errors.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { Admission } from '../net.ts';
import type { Introductions } from './introduction.ts';
import { parseGreeting } from './signal.ts';
import type { SignalStream } from './signal-stream.ts';

export interface Greet {
  readonly introductions: Introductions;
  readonly signal: AbortSignal;
}

export interface IntroduceTo extends Greet {
  /** The other side turned us away and hands over why. */
  onTurnedAway(proof: string): void;
}

/** Says who we are and hears who the other side is. Throws PEER_REJECTED, MALFORMED, LIMIT_EXCEEDED, the signal's reason. */
export async function introduceTo(
  stream: SignalStream,
  { introductions, signal, onTurnedAway }: IntroduceTo,
): Promise<PeerIdentity> {
  stream.send(await introductions.hello());
  const greeting = parseGreeting(await heard(stream, signal));
  if (greeting.kind === 'refusal') {
    if (greeting.proof !== undefined) onTurnedAway(greeting.proof);
    throw rejected(`it refused: ${greeting.reason}`);
  }
  return introductions.verify(greeting, stream.remotePublicKey);
}

/** Hears who the other side is, and says who we are only to whom we admit. Throws as `introduceTo`. */
export async function answerIntroduction(
  stream: SignalStream,
  { introductions, signal, admit }: Greet & { admit: (peer: PeerIdentity) => Admission },
): Promise<PeerIdentity> {
  const greeting = parseGreeting(await heard(stream, signal));
  if (greeting.kind === 'refusal') throw rejected(greeting.reason);
  const peer = await introductions.verify(greeting, stream.remotePublicKey);
  const answer = admit(peer);
  if (answer.accept) {
    stream.send(await introductions.hello());
    return peer;
  }
  const { reason, proof } = answer;
  stream.send({ kind: 'refusal', reason, ...(proof !== undefined && { proof }) });
  throw rejected(reason);
}

async function heard(stream: SignalStream, signal: AbortSignal): Promise<unknown> {
  const next = await stream.receive({ signal });
  if (next === undefined) throw rejected('it hung up without saying who it is');
  return next.message;
}

function rejected(detail: string): SyncError {
  return new SyncError('PEER_REJECTED', { detail });
}
