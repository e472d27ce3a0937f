import type { JournalRecord } from '../../../events/journal-record.ts';
import { holdingKey, LAST_HOLDING_KEY, packHoldings } from '../../../events/peer/holdings.ts';
import { HOLDINGS_TYPE, HoldingsMessage, type HoldingsMessageOf } from '../../../events/peer/holdings-message.ts';
import { createRateLimit } from '../../../fetcher/pace/rate-limit.ts';
import type { CommitId, ConversationId, DeviceId } from '../../../ids.ts';
import { HOLDINGS_EVERY_MS, HOLDINGS_PER_MESSAGE } from '../../../limits.ts';
import type { Net } from '../../../net/net.ts';
import type { PeerIdentity } from '../../../ports.ts';
import { isPresent } from '../../../projections/journal/journal-state.ts';
import { holdingsOf, ownHoldings, pagesOf, summaryOf } from '../../../projections/journal/own-holdings.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { Messenger } from '../../devices/messenger.ts';
import type { EngineParts } from '../../engine-parts.ts';
import type { Planner } from '../fetch/planner.ts';
import { createGatheredChanges } from './gathered-changes.ts';
import { createHearingOfHoldings } from './hear-holdings.ts';

/**
 * Members' devices tell each other which files of a conversation they hold: a summary when they link, all when the summary
 * is not what the other one remembers, and from then on what changes, gathered for `HOLDINGS_EVERY_MS`.
 */
export interface HoldingsExchange {
  /** A link came up. */
  greet(peer: PeerIdentity): void;
  /** A link is gone. */
  forget(device: DeviceId): void;
  /** The conversation is new here, or has grown: greets those who take part since. */
  follow(conversation: LiveConversation): void;
  /** These were journalled: what came or went here is told. */
  note(records: readonly JournalRecord[]): void;
  /** False for what is no message of this kind. */
  receive(peer: PeerIdentity, type: string, content: unknown): boolean;
}

export interface HoldingsExchangeParts extends Pick<EngineParts, 'keeper' | 'clock' | 'live' | 'log' | 'signal'> {
  readonly self: PeerIdentity;
  readonly net: Pick<Net, 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
  readonly planner: Pick<Planner, 'named'>;
}

export function createHoldingsExchange(parts: HoldingsExchangeParts): HoldingsExchange {
  const { self, clock, live, log, signal } = parts;
  const limit = createRateLimit(clock);
  const hearWords = createHearingOfHoldings(parts);
  /** Since the link came up. */
  const greeted = new Map<DeviceId, Set<ConversationId>>();
  /** They were asked to tell all, and have not done so yet. */
  const asked = new Map<DeviceId, Set<ConversationId>>();
  const changes = createGatheredChanges({
    ...{ clock, signal, every: HOLDINGS_EVERY_MS, atMost: HOLDINGS_PER_MESSAGE },
    tell: (conversation, changed) => tellChanges(parts, conversation, changed),
  });

  function greetIn(conversation: LiveConversation, peer: PeerIdentity): void {
    const known = greeted.get(peer.device) ?? new Set();
    if (known.has(conversation.id) || !areBothActive(conversation, peer)) return;
    greeted.set(peer.device, known.add(conversation.id));
    tellSummary(parts, conversation, { to: peer.device, isAnswer: false });
  }

  function hear(conversation: LiveConversation, from: DeviceId, message: HoldingsMessage): void {
    if (message.say === 'summary') hearSummary(conversation, from, message);
    else if (message.say === 'tell') tellAll(parts, conversation, from);
    else {
      hearWords(conversation, from, message);
      const isLast = message.say === 'page' && message.upTo === LAST_HOLDING_KEY;
      if (isLast) asked.get(from)?.delete(conversation.id);
    }
  }

  function hearSummary(conversation: LiveConversation, from: DeviceId, message: HoldingsMessageOf<'summary'>): void {
    if (!message.isAnswer) tellSummary(parts, conversation, { to: from, isAnswer: true });
    const asking = asked.get(from) ?? new Set();
    if (asking.has(conversation.id) || isRemembered(parts, conversation, { from, message })) return;
    asked.set(from, asking.add(conversation.id));
    send(parts, from, { say: 'tell', conversation: conversation.id });
  }

  function areBothActive(conversation: LiveConversation, { account, device }: PeerIdentity): boolean {
    return conversation.isActive(account, device) && conversation.isActive(self.account, self.device);
  }

  return {
    greet(peer) {
      for (const conversation of live.values()) greetIn(conversation, peer);
    },
    forget(device) {
      greeted.delete(device);
      asked.delete(device);
    },
    follow(conversation) {
      for (const { peer } of parts.net.links()) greetIn(conversation, peer);
    },
    note(records) {
      for (const record of records) {
        if (record.kind === 'file-verified' || record.kind === 'file-found-lacking' || record.kind === 'file-removed') {
          changes.add(record.conversation, record.interaction);
        }
      }
    },
    receive(peer, type, content) {
      if (type !== HOLDINGS_TYPE) return false;
      const message = HoldingsMessage.safeParse(content);
      if (!message.success) return false;
      const conversation = live.get(message.data.conversation);
      if (!conversation || !areBothActive(conversation, peer)) return true;
      if (limit.allows(peer.device)) hear(conversation, peer.device, message.data);
      else log.debug('holdings not heard: too many', { from: peer.device });
      return true;
    },
  };
}

function isRemembered(
  { keeper }: HoldingsExchangeParts,
  { id: conversation, states }: LiveConversation,
  { from, message }: { readonly from: DeviceId; readonly message: HoldingsMessageOf<'summary'> },
): boolean {
  const state = keeper.state();
  const known = summaryOf(holdingsOf(from, { conversation, files: states().files }, state));
  const hasToldAll = state.holdings.get(conversation)?.get(from)?.hasToldAll ?? false;
  return hasToldAll && known.count === message.count && known.sum === message.sum;
}

function tellSummary(
  parts: HoldingsExchangeParts,
  conversation: LiveConversation,
  { to, isAnswer }: { readonly to: DeviceId; readonly isAnswer: boolean },
): void {
  const summary = summaryOf(ownHoldings(conversation.states().files, parts.keeper.state()));
  send(parts, to, { say: 'summary', conversation: conversation.id, ...summary, isAnswer });
}

function tellAll(parts: HoldingsExchangeParts, conversation: LiveConversation, to: DeviceId): void {
  const held = ownHoldings(conversation.states().files, parts.keeper.state());
  for (const { after, upTo, has } of pagesOf(held, HOLDINGS_PER_MESSAGE)) {
    send(parts, to, { say: 'page', conversation: conversation.id, after, upTo, has: packHoldings(has) });
  }
}

/** What came and went since the last time, to every linked device that takes part. */
function tellChanges(parts: HoldingsExchangeParts, id: ConversationId, changed: readonly CommitId[]): void {
  const conversation = parts.live.get(id);
  const { files } = parts.keeper.state();
  if (!conversation) return;
  const has = changed.filter((interaction) => isPresent(parts.keeper.state(), interaction));
  // Who never had it has told nobody so.
  const lacks = changed.filter((one) => files.get(one)?.wasVerified && !isPresent(parts.keeper.state(), one));
  if (has.length + lacks.length === 0) return;
  const words = { has: packHoldings(has.map(holdingKey)), lacks: packHoldings(lacks.map(holdingKey)) };
  for (const { peer } of parts.net.links()) {
    if (conversation.isActive(peer.account, peer.device)) {
      send(parts, peer.device, { say: 'change', conversation: id, ...words });
    }
  }
}

/** A message as it is written: its keys are packed. */
type Written =
  | HoldingsMessageOf<'summary' | 'tell'>
  | (Omit<HoldingsMessageOf<'page'>, 'has'> & { readonly has: string })
  | (Omit<HoldingsMessageOf<'change'>, 'has' | 'lacks'> & { readonly has: string; readonly lacks: string });

/** Whoever cannot be told now compares summaries when it links again. */
function send({ messenger }: HoldingsExchangeParts, to: DeviceId, content: Written): void {
  void messenger.send(to, { type: HOLDINGS_TYPE, content });
}
