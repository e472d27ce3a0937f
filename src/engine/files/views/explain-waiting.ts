import { humanWait } from '../../../human-span.ts';
import { never } from '../../../never.ts';
import type { Ask, AskOutcome, Asks } from '../../../projections/journal/asks.ts';
import { isHeldBack } from '../../../projections/plan/asking.ts';
import type { WaitingFile } from '../../../projections/plan/waiting-files.ts';
import type { Staying } from '../../../projections/policy/evictions.ts';
import { POLICY_RULES } from '../../../projections/policy/rule.ts';
import type { RoomFor } from './room-for.ts';

export interface WaitingCircumstances {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Whom this device asked for the file, and what came of it. */
  readonly asks: Asks | undefined;
  /** Of a file that waits for room under a quota, where that was looked at. */
  readonly room?: RoomFor | undefined;
}

/** What a missing file waits for, as a sentence for a person. */
export function explainWaiting(
  { waitsFor, rule, ownRule }: Pick<WaitingFile, 'waitsFor' | 'rule' | 'ownRule'>,
  { now, asks, room }: WaitingCircumstances,
): string {
  switch (waitsFor.step) {
    case 'receive':
      return `it is coming from device ${waitsFor.from.slice(0, 8)}`;
    case 'await-answer':
      return `device ${waitsFor.from.slice(0, 8)} was asked and has ${humanWait(waitsFor.until - now)} left to answer`;
    case 'ask':
      return `device ${waitsFor.from.slice(0, 8)} is about to be asked`;
    case 'back-off':
      return `${whyInVain(asks)}; the next try is in ${humanWait(waitsFor.until - now)}, or when ${newsFor(asks)}`;
    case 'dial':
      return `device ${waitsFor.to.slice(0, 8)} is being dialled`;
    case 'await-link':
      return `no device that may hold it is linked; the next try is in ${humanWait(waitsFor.until - now)}, or when one links`;
    case 'unavailable':
      return `${whyUnavailable(asks)}${waitsFor.until === undefined ? '' : `; one is asked again in ${humanWait(waitsFor.until - now)}`}`;
    case 'await-space':
      return `the disk is full here; the next try is in ${humanWait(waitsFor.until - now)}`;
    case 'await-source':
      return 'no device is known that could hold it';
    case 'await-user':
      return `${ownRule === undefined ? POLICY_RULES[rule] : `rule ${ownRule} of your policy says ask`}; "fetch" gets it`;
    case 'await-room':
      return rule === 'over-quota' ? explainQuota(room) : `${POLICY_RULES[rule]}; it is fetched once there is room`;
    case 'await-slot':
      return 'as many files as may be are under way';
    default:
      return never(waitsFor);
  }
}

function explainQuota(room: RoomFor | undefined): string {
  const which = room && (room.quota === 'total' ? ' of all files' : ' of this conversation');
  return `it does not fit into the quota${which ?? ''}${explainEviction(room?.eviction)}; it is fetched once there is room, "fetch" gets it at once`;
}

function explainEviction(eviction: RoomFor['eviction']): string {
  if (eviction === undefined) return '';
  if (eviction === 'under-way') return ', and room is being made';
  const stay = [...eviction.staying].map(([why, count]) => `${count} ${STAYING[why]}`);
  return stay.length > 0 ? `, and too little gives way: ${stay.join(', ')}` : ', and too little is here to give way';
}

/** After the number of files. */
const STAYING: Readonly<Record<Staying, string>> = {
  'in-use': 'on the way to others',
  'worth-more': 'sent or asked for by you',
  'last-copy': 'that no other device is known to keep',
};

function whyInVain(asks: Asks | undefined): string {
  const isDiskFull = asks?.some(({ outcome }) => outcome.kind === 'failed' && outcome.failure === 'disk-full');
  if (isDiskFull) return 'the disk is full here';
  const said = answersOf(asks);
  return said.length > 0 ? said.join(', ') : 'every device was asked in vain';
}

/** What ends the wait before its time. Who halted a file and lets it go on offers it again. */
function newsFor(asks: Asks | undefined): string {
  return asks?.some(isHeldBack) ? 'it is offered again or a device links' : 'a device links';
}

/** Whose copy is damaged is worth more than that nobody has the file. */
function whyUnavailable(asks: Asks | undefined): string {
  const said = answersOf(asks?.filter(isAboutItsBytes));
  return said.length > 0 ? `${said.join(', ')}; no other device has it` : 'every device says that it does not have it';
}

function isAboutItsBytes({ outcome }: Ask): boolean {
  if (outcome.kind === 'declined') return outcome.reason === 'digest-mismatch';
  return outcome.kind === 'failed' && WRONG_BYTES.has(outcome.failure);
}

const WRONG_BYTES: ReadonlySet<string> = new Set(['wrong-size', 'wrong-digest', 'wrong-chunk']);

/** Each device that was asked, with what came of it. */
function answersOf(asks: Asks | undefined): readonly string[] {
  return [...(asks ?? [])].flatMap(([device, ask]) => {
    const what = answered(ask);
    return what === undefined ? [] : [`device ${device.slice(0, 8)} ${what}`];
  });
}

function answered({ outcome }: Ask): string | undefined {
  switch (outcome.kind) {
    case 'declined':
      return DECLINED[outcome.reason];
    case 'failed':
      return FAILED[outcome.failure];
    case 'waiting':
      return DECLINED['no-answer'];
    case 'sending':
    case 'served':
      return undefined;
    default:
      return never(outcome);
  }
}

const DECLINED: Readonly<Record<Extract<AskOutcome, { kind: 'declined' }>['reason'], string>> = {
  'not-that-device': 'took this device for another one',
  'not-a-member': 'does not know this device as a member yet',
  'unknown-conversation': 'does not know the conversation',
  'unknown-interaction': 'does not know of the file yet',
  'not-a-file': 'knows no such file',
  deleted: 'says that the file was taken back',
  'has-not': 'does not have it',
  'digest-mismatch': 'has a copy that is not what was announced',
  'too-many-requests': 'was asked too often',
  withheld: 'does not give it away',
  paused: 'has paused it',
  'not-small': 'sends it by itself only',
  'no-answer': 'did not answer',
  'not-reachable': 'cannot be reached',
};

const FAILED: Readonly<Record<Extract<AskOutcome, { kind: 'failed' }>['failure'], string>> = {
  interrupted: 'broke off',
  silent: 'fell silent',
  'too-slow': 'sent next to nothing',
  'wrong-size': 'sent a file of another size',
  'wrong-digest': 'sent other bytes than were announced',
  cancelled: 'cancelled',
  refused: 'had its proposal refused',
  'disk-full': 'met a full disk here',
  'disk-failed': 'met a disk here that cannot be written',
  'protocol-broken': 'broke the rules of the transfer',
  'wrong-chunk': 'sent a part that is not what was announced',
  'paused-here': 'was paused from here',
  'paused-there': 'paused',
};

/** What came of a request, as the rest of a sentence that begins with the device. */
export function explainAsk({ outcome }: Pick<Ask, 'outcome'>): string {
  switch (outcome.kind) {
    case 'waiting':
      return 'was asked';
    case 'sending':
      return 'sends it';
    case 'served':
      return 'sent it';
    case 'declined':
      return DECLINED[outcome.reason];
    case 'failed':
      return FAILED[outcome.failure];
    default:
      return never(outcome);
  }
}
