import type { HoldingKey } from '../../events/peer/holdings.ts';
import type { HoldingsMessageOf } from '../../events/peer/holdings-message.ts';
import type { DeviceId } from '../../ids.ts';
import { emptyHoldingSet, keysBetween, wordOn } from './holding-set.ts';
import type { Holdings } from './holdings.ts';

/** What a message says that was not known: only that is worth a record. */
export interface HoldingsNews {
  readonly isAll: boolean;
  readonly has: readonly HoldingKey[];
  readonly lacks: readonly HoldingKey[];
}

/** Undefined when the message says nothing new. */
export function newsOf(
  holdings: Holdings,
  from: DeviceId,
  message: HoldingsMessageOf<'page' | 'change'>,
): HoldingsNews | undefined {
  const set = holdings.get(message.conversation)?.get(from) ?? emptyHoldingSet;
  const has = message.has.filter((key) => wordOn(set, key) !== true);
  const isAll = message.say === 'page' && !set.hasToldAll;
  const lacks = message.say === 'page' ? goneFrom(message) : message.lacks.filter((key) => wordOn(set, key) !== false);
  return isAll || has.length > 0 || lacks.length > 0 ? { isAll, has, lacks } : undefined;

  function goneFrom({ after, upTo, has: held }: HoldingsMessageOf<'page'>): readonly HoldingKey[] {
    const still = new Set(held);
    return keysBetween(set, after, upTo).filter((key) => !still.has(key));
  }
}
