/**
 * What a file's moving in one direction comes to: the optimistic sum of its shares, of what lies here, and of what the
 * user and the policy say. `docs/transfers.md` has the picture.
 */
import type { DeclineReason } from '../events/peer/file-request.ts';
import type { DeviceId } from '../ids.ts';
import { REQUEST_ANSWER_MS } from '../limits.ts';
import { never } from '../never.ts';
import type { FileAnnouncement } from './files.ts';
import type { AskOutcome } from './journal/asks.ts';
import type { FileRecord } from './journal/file-record.ts';
import type { SubTransfer, SubTransferState, SubTransferTrouble } from './journal/sub-transfers.ts';
import type { Hold } from './plan/wanting.ts';

/** Times in milliseconds since the Unix epoch. */
export type TransferState =
  /** No device was told of the file yet. */
  | { readonly phase: 'announced' }
  /** Here: the policy leaves it to our user. There: it is left to the users of all devices that can be reached. */
  | { readonly phase: 'awaiting-acceptance'; readonly where: 'here' | 'there' }
  /** It is wanted, and nothing moves: `device` has until `until` to answer, if one was asked. It is tried again by itself. */
  | { readonly phase: 'waiting'; readonly device?: DeviceId; readonly until?: number }
  | { readonly phase: 'running' }
  /** All bytes have arrived; only the digest is awaited. Known while the engine runs, and found again by the next one. */
  | { readonly phase: 'verifying' }
  | ({ readonly phase: 'paused' } & Said)
  | { readonly phase: 'complete' }
  /** By us, or by every device. */
  | { readonly phase: 'refused'; readonly by: 'us' | 'peer' }
  /** By us, or by the device that was sending or taking it. */
  | ({ readonly phase: 'cancelled' } & Said)
  /** Every device failed, the last one so. A file that is wanted is tried again all the same. */
  | { readonly phase: 'failed'; readonly failure: SubTransferTrouble }
  | { readonly phase: 'deleted' };

/** Whose word it is; of another device, which one's and since when. */
export type Said = { readonly by: 'us' } | { readonly by: 'peer'; readonly device: DeviceId; readonly at: number };

export type TransferPhase = TransferState['phase'];

export interface TransferSituation {
  readonly file: FileAnnouncement;
  /** What the journal knows of it. */
  readonly record: FileRecord | undefined;
  readonly direction: 'receiving' | 'serving';
  /** Known devices of members, this one not among them; counts for serving only. */
  readonly others: Iterable<DeviceId>;
  /** What keeps the plan from asking for it; looked at for receiving only, where nothing is under way. */
  hold(): Hold | undefined;
  /** By the device's own word, wherever it has it from; looked at for serving only. */
  isHeldBy(device: DeviceId): boolean;
}

/** The user's word goes before what the devices do, and what a device has reached before what another one has not. */
export function transferState(situation: TransferSituation): TransferState {
  const { file, record, direction } = situation;
  if (file.isDeleted) return { phase: 'deleted' };
  if (direction === 'receiving' && record?.presence.kind === 'verified') return { phase: 'complete' };
  const said = stateOfWord(record?.wish, direction);
  if (said) return said;
  const current = sharesOf(situation).filter((share) => !isTakenBack(share, record?.saidAt));
  return direction === 'receiving' ? receivingState(situation, current) : servingState(situation, current);
}

/** The shares of the transfer's direction. A device that has the file by now, wherever from, needs no more of it. */
export function sharesOf({ record, direction, isHeldBy }: TransferSituation): readonly SubTransfer[] {
  const shares = [...(record?.subTransfers ?? [])].filter((share) => share.direction === direction);
  if (direction === 'receiving') return shares;
  return shares.map((share) =>
    share.phase !== 'running' && isHeldBy(share.peer) ? withState(share, { phase: 'complete' }) : share,
  );
}

/** The share's figures with another state. */
export function withState(
  { peer, direction, start, bytes, startedAt, lastAt }: SubTransfer,
  state: SubTransferState,
  at = lastAt,
): SubTransfer {
  return { peer, direction, start, bytes, startedAt, lastAt: at, ...state };
}

/** The user ended it, and has thought better of it since. */
export function isTakenBack(share: SubTransfer, saidAt = Number.NEGATIVE_INFINITY): boolean {
  const mayBeOurs = share.phase === 'cancelled' || (share.phase === 'paused' && share.by === 'us');
  return mayBeOurs && share.lastAt <= saidAt;
}

function stateOfWord(wish: FileRecord['wish'], direction: SubTransfer['direction']): TransferState | undefined {
  switch (wish) {
    case 'paused':
      return { phase: 'paused', by: 'us' };
    case 'cancelled':
      return { phase: 'cancelled', by: 'us' };
    case 'refused':
      return direction === 'receiving' ? { phase: 'refused', by: 'us' } : undefined;
    case 'accepted':
    case undefined:
      return undefined;
    default:
      return never(wish);
  }
}

function receivingState({ record, hold }: TransferSituation, shares: readonly SubTransfer[]): TransferState {
  if (shares.some(({ phase }) => phase === 'running')) return { phase: 'running' };
  const asked = record?.asks.findEntry(({ outcome }) => outcome.kind === 'waiting');
  if (asked) return { phase: 'waiting', device: asked[0], until: asked[1].at + REQUEST_ANSWER_MS };
  const held = hold();
  if (held === 'await-user') return { phase: 'awaiting-acceptance', where: 'here' };
  if (held === 'await-room') return { phase: 'waiting' };
  const last = best(shares.filter(({ phase }) => phase !== 'complete'));
  if (last !== undefined && !isRetriedSoon(last)) return stateOfShare(last);
  return pausedThere(record) ?? { phase: 'waiting' };
}

/** Every device that was asked, and may have it, said that its user halted it; the last one so. */
function pausedThere(record: FileRecord | undefined): TransferState | undefined {
  const asks = [...(record?.asks ?? [])].filter(([, { outcome }]) => !isDeclined(outcome, 'has-not'));
  const latest = asks.reduce<(typeof asks)[number] | undefined>(
    (first, next) => (first && first[1].at > next[1].at ? first : next),
    undefined,
  );
  if (!latest || !asks.every(([, { outcome }]) => isDeclined(outcome, 'paused'))) return undefined;
  const [device, { at }] = latest;
  return { phase: 'paused', by: 'peer', device, at };
}

function isDeclined(outcome: AskOutcome, reason: DeclineReason): boolean {
  return outcome.kind === 'declined' && outcome.reason === reason;
}

/** It is an error only when every device refused or failed; one that was not told yet may still take it. */
function servingState(situation: TransferSituation, shares: readonly SubTransfer[]): TransferState {
  if (hasArrivedElsewhere(situation)) return { phase: 'complete' };
  const furthest = best(shares);
  if (furthest && HOPE[furthest.phase] > HOPE.failed) return stateOfShare(furthest);
  const reached = new Set(shares.map(({ peer }) => peer));
  for (const device of situation.others) if (!reached.has(device)) return { phase: 'announced' };
  if (furthest === undefined) return { phase: 'announced' };
  return isRetriedSoon(furthest) ? { phase: 'waiting' } : stateOfShare(furthest);
}

/** A device has it, though not from here; that the announcing one has it is no news. */
function hasArrivedElsewhere({ file, others, isHeldBy }: TransferSituation): boolean {
  for (const device of others) if (device !== file.device && isHeldBy(device)) return true;
  return false;
}

/** What the share of one device means for the whole. What our own user ended was looked at before. */
function stateOfShare(share: SubTransfer): TransferState {
  switch (share.phase) {
    case 'offered':
      return { phase: 'waiting', device: share.peer };
    case 'awaiting-acceptance':
      return { phase: 'awaiting-acceptance', where: 'there' };
    case 'refused':
      return { phase: 'refused', by: 'peer' };
    case 'paused':
      return share.by === 'us' ? { phase: 'paused', by: 'us' } : { phase: 'paused', ...saidBy(share) };
    case 'failed':
      return { phase: 'failed', failure: share.failure };
    case 'running':
    case 'complete':
      return { phase: share.phase };
    case 'cancelled':
      return { phase: 'cancelled', ...saidBy(share) };
    default:
      return never(share);
  }
}

function saidBy({ peer, lastAt }: SubTransfer): Said {
  return { by: 'peer', device: peer, at: lastAt };
}

/** How far a share is, or how much can still come of it. */
const HOPE: { readonly [Phase in SubTransferState['phase']]: number } = {
  complete: 7,
  running: 6,
  paused: 5,
  'awaiting-acceptance': 4,
  offered: 3,
  failed: 2,
  cancelled: 1,
  refused: 0,
};

/** The share that counts for the whole; of equals the one that moved last. */
function best(shares: readonly SubTransfer[]): SubTransfer | undefined {
  return shares.reduce<SubTransfer | undefined>(
    (first, next) => (first && HOPE[first.phase] > HOPE[next.phase] ? first : next),
    undefined,
  );
}

/** A link that broke, or a device that says little or nothing, is no verdict on the file: either side comes back to it. */
function isRetriedSoon(share: SubTransfer): boolean {
  return share.phase === 'failed' && RETRIED_SOON.has(share.failure);
}

const RETRIED_SOON: ReadonlySet<SubTransferTrouble> = new Set(['interrupted', 'silent', 'too-slow']);
