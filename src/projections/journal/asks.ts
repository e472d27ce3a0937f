/** Whom this device asked for a file, and what came of it. */
import type { OrderedMap } from 'immutable';
import type { LinkPath, RecordOf } from '../../events/journal-record.ts';
import type { DeviceId } from '../../ids.ts';
import { never } from '../../never.ts';
import type { SubTransferFailure } from './sub-transfers.ts';

export type AskOutcome =
  /** Asked; neither answer nor proposal yet. */
  | { readonly kind: 'waiting' }
  /** The device proposed the file and is sending it. */
  | { readonly kind: 'sending' }
  | { readonly kind: 'declined'; readonly reason: RecordOf<'request-declined'>['reason'] }
  | { readonly kind: 'failed'; readonly failure: SubTransferFailure }
  | { readonly kind: 'served' };

export interface Ask {
  readonly outcome: AskOutcome;
  /** How often in a row this device was asked in vain, this time included. */
  readonly tries: number;
  /** When the outcome came about, in milliseconds. */
  readonly at: number;
  /** How the device was linked when it was asked, or began to send. */
  readonly path?: LinkPath;
}

export type Asks = OrderedMap<DeviceId, Ask>;

type AskJournalRecord = RecordOf<
  | 'file-requested'
  | 'request-declined'
  | 'sub-transfer-started'
  | 'sub-transfer-progressed'
  | 'sub-transfer-ended'
  | 'file-accepted'
  | 'file-offered'
  | 'file-refused'
  | 'file-cancelled'
  | 'file-paused'
>;

export function evolveAsks(asks: Asks, record: AskJournalRecord): Asks {
  switch (record.kind) {
    case 'file-requested':
      return asks.set(record.from, {
        outcome: { kind: 'waiting' },
        tries: triesOf(asks, record.from) + 1,
        at: record.at,
        ...pathOf(record.path),
      });
    case 'request-declined':
      return asks.set(record.from, {
        outcome: { kind: 'declined', reason: record.reason },
        tries: Math.max(1, triesOf(asks, record.from)),
        at: record.at,
        ...pathOf(asks.get(record.from)?.path),
      });
    case 'sub-transfer-started':
      return evolveStarted(asks, record);
    case 'sub-transfer-progressed':
      return asks;
    case 'sub-transfer-ended':
      return evolveEnded(asks, record);
    case 'file-accepted':
      // The user wants it now: what was in vain before is tried again at once.
      return asks.filter(({ outcome }) => outcome.kind === 'waiting' || outcome.kind === 'sending');
    case 'file-offered':
      return canBeAskedAgain(asks.get(record.from)) ? asks.delete(record.from) : asks;
    case 'file-refused':
    case 'file-cancelled':
    case 'file-paused':
      // Nobody waits for these answers any more.
      return asks.filterNot(({ outcome }) => outcome.kind === 'waiting');
    default:
      return never(record);
  }
}

function evolveStarted(asks: Asks, { direction, peer, at, path }: RecordOf<'sub-transfer-started'>): Asks {
  if (direction === 'serving') return asks;
  const tries = Math.max(1, triesOf(asks, peer));
  return asks.set(peer, { outcome: { kind: 'sending' }, tries, at, ...pathOf(path ?? asks.get(peer)?.path) });
}

function evolveEnded(asks: Asks, { direction, peer, outcome, at }: RecordOf<'sub-transfer-ended'>): Asks {
  if (direction === 'serving') return asks;
  const path = pathOf(asks.get(peer)?.path);
  if (outcome === 'complete') return asks.set(peer, { outcome: { kind: 'served' }, tries: 0, at, ...path });
  // A link that broke says nothing against the source: it had begun to send.
  const before = asks.get(peer)?.outcome.kind;
  // A disk here that fails again fails before anybody is asked.
  const more = outcome === 'disk-failed' && before === 'failed' ? 1 : 0;
  const tries = outcome === 'interrupted' ? 1 : Math.max(1, triesOf(asks, peer) + more);
  return asks.set(peer, { outcome: { kind: 'failed', failure: outcome }, tries, at, ...path });
}

function pathOf(path: LinkPath | undefined): Pick<Ask, 'path'> {
  return path ? { path } : {};
}

/** Whether an offer makes a difference. Whoever sent wrong bytes once does not make good for it by offering more. */
export function canBeAskedAgain(ask: Ask | undefined): boolean {
  if (ask?.outcome.kind === 'declined') return true;
  return ask?.outcome.kind === 'failed' && ENDED_WITHOUT_FAULT.has(ask.outcome.failure);
}

const ENDED_WITHOUT_FAULT: ReadonlySet<SubTransferFailure> = new Set([
  'interrupted',
  'silent',
  'cancelled',
  'paused-here',
  'paused-there',
]);

function triesOf(asks: Asks, device: DeviceId): number {
  return asks.get(device)?.tries ?? 0;
}
