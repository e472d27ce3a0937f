import { type HoldingKey, packHoldings } from '../../../events/peer/holdings.ts';
import type { HoldingsMessageOf } from '../../../events/peer/holdings-message.ts';
import type { DeviceId } from '../../../ids.ts';
import { wordOn } from '../../../projections/journal/holding-set.ts';
import { type HoldingsNews, newsOf } from '../../../projections/journal/holdings-news.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Planner } from '../fetch/planner.ts';
import { createChangedWords } from './changed-words.ts';

export interface HearingParts extends Pick<EngineParts, 'keeper' | 'clock' | 'log'> {
  readonly planner: Pick<Planner, 'named'>;
}

type HearWords = (
  conversation: LiveConversation,
  from: DeviceId,
  message: HoldingsMessageOf<'page' | 'change'>,
) => void;

/** Journals what a device says that it holds, as far as it is news, and unless it changes its mind too often. */
export function createHearingOfHoldings({ keeper, clock, log, planner }: HearingParts): HearWords {
  const changed = createChangedWords(clock);

  /** Words that may come without end. */
  function countChanged(conversation: LiveConversation, from: DeviceId, { has, lacks }: HoldingsNews): number {
    const known = keeper.state().holdings.get(conversation.id)?.get(from);
    const wasSaid = (key: HoldingKey) => known !== undefined && wordOn(known, key) !== undefined;
    const isFirst = (key: HoldingKey) => !wasSaid(key) && planner.named(conversation, [key]).length > 0;
    return [...has, ...lacks].filter((key) => !isFirst(key)).length;
  }

  return (conversation, from, message) => {
    const news = newsOf(keeper.state().holdings, from, message);
    if (!news) return;
    // What is not heard now is told again when the device links anew: its summary will differ.
    if (!changed.allows(from, countChanged(conversation, from, news)))
      return log.debug('holdings not heard: they change too often', { from });
    const words = { has: packHoldings(news.has), lacks: packHoldings(news.lacks) };
    const { isAll } = news;
    keeper.record({ kind: 'holdings-told', conversation: conversation.id, from, isAll, ...words, at: clock.now() });
  };
}
