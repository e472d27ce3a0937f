import type { Log, PeerIdentity } from '../../ports.ts';
import type { AnswerEffect, AnswerInput } from './answer-machine.ts';
import type { Candidate } from './candidate.ts';
import type { DialEffect, DialInput } from './dial-machine.ts';
import type { Signal } from './signal.ts';

type StoryEvent = DialInput | DialEffect | AnswerInput | AnswerEffect;

interface Told {
  readonly says: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Tells the log, at level debug, what each path of a handshake does and what becomes of it. */
export function createStory(
  role: 'dial' | 'answer',
  { peer, log }: { peer: PeerIdentity; log: Log },
): (event: StoryEvent) => void {
  return (event) => {
    const told = toldOf(event);
    if (told) log.debug(`${role}: ${told.says}`, { device: peer.device, ...told.fields });
  };
}

/** Undefined for what says nothing that is not said elsewhere. */
function toldOf(event: StoryEvent): Told | undefined {
  switch (event.kind) {
    case 'describe':
      return { says: `${event.path} begins` };
    case 'send':
      return { says: `said ${event.signal.kind}`, fields: fieldsOf(event.signal) };
    case 'received':
      return { says: `heard ${event.signal.kind}`, fields: fieldsOf(event.signal) };
    case 'connect':
      return { says: `${event.path} connects`, fields: { to: event.remote.candidates.map(candidateText) } };
    case 'secured':
      return { says: `${event.path} is through, and has proved the device` };
    case 'path-failed':
      return { says: `${event.path} failed`, fields: { reason: event.reason } };
    case 'own-tries-failed':
      return { says: `${event.path} did not get through from here`, fields: { reason: event.reason } };
    case 'nominate':
      return { says: `${event.path} is nominated` };
    case 'agreed':
      return { says: `agreed on ${event.path}` };
    case 'turned-away':
      return { says: `turned away on ${event.path}`, fields: { reason: event.reason } };
    case 'signalling-ended':
      return { says: 'the other device hung up while signalling' };
    case 'superseded':
      return { says: 'not needed any more' };
    case 'finish':
      return { says: 'over', fields: 'outcome' in event ? { ...event.outcome } : {} };
    default:
      return undefined;
  }
}

function fieldsOf(signal: Signal): Readonly<Record<string, unknown>> {
  const path = signal.connType;
  if (signal.kind === 'no-path') return { path, reason: signal.reason };
  return { path, candidates: signal.description.candidates.map(candidateText) };
}

function candidateText({ transport, type, address, port }: Candidate): string {
  return `${transport} ${type} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}
