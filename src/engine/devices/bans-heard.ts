import type { Conversation } from '../../conversation/conversation.ts';
import type { Membership } from '../../conversation/membership/membership.ts';
import { messageOf } from '../../errors.ts';
import { createRateLimit } from '../../fetcher/pace/rate-limit.ts';
import type { ConversationId, DeviceId } from '../../ids.ts';
import { BANS_PER_MINUTE } from '../../limits.ts';
import { parseJson } from '../../parse-json.ts';
import { holdingBan } from '../conversations/ban-view.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { EngineParts } from '../engine-parts.ts';
import { BansTold, BanTold } from './ban-told.ts';

/** Hears that this account, or this device, was banned. Whoever tells it, only the signature of an admin counts. */
export interface BansHeard {
  /** Throws OBJECT_MISSING, OBJECT_CORRUPT. */
  receive(content: unknown, from: DeviceId | undefined): Promise<void>;
  /** A device that turned us away handed this over. */
  onTurnedAway(proof: string): void;
}

/** What has to be known of a conversation that this device takes part in. */
export interface BannedFrom extends Pick<LiveConversation, 'id' | 'has'> {
  readonly log: Pick<Conversation, 'readSigned'> & { membership(): Pick<Membership, 'members'> };
}

export interface BansHeardParts extends Pick<EngineParts, 'keys' | 'keeper' | 'clock' | 'log'> {
  readonly live: ReadonlyMap<ConversationId, BannedFrom>;
}

/**
 * Such a commit cannot be judged by the rules: the history that it stands on is kept from us. So it says what an admin has
 * signed, and is shown to people; nothing is decided by it.
 */
export function createBansHeard({ keys, keeper, clock, live, log }: BansHeardParts): BansHeard {
  const limit = createRateLimit(clock, BANS_PER_MINUTE);
  const isOurs = (uri: string) => uri === keys.account || uri === keys.device;

  /** One at a time for each conversation: an admin who signs many would have many written down. */
  function isKnown(conversation: ConversationId): boolean {
    const here = live.get(conversation);
    return !here || holdingBan(here, keeper.state()) !== undefined;
  }

  async function hear({ conversation, commit: base64 }: BanTold, from: DeviceId | undefined): Promise<void> {
    if (isKnown(conversation) || (from && !limit.allows(from))) return;
    const here = live.get(conversation);
    const signed = await here?.log.readSigned(Buffer.from(base64, 'base64'));
    if (!here || !signed || isKnown(conversation)) return;
    const { commit, content, by } = signed;
    const isBan = content.outcome === 'known' && content.event.kind === 'member-banned' && isOurs(content.event.uri);
    if (!isBan || here.has(commit.id) || here.log.membership().members.get(by)?.role !== 'admin') return;
    keeper.record({ kind: 'ban-told', conversation, commit: commit.id, by, at: clock.now() });
    log.warn('this account was banned from a conversation', { conversation, by, from });
  }

  return {
    async receive(content, from) {
      const { data } = BanTold.safeParse(content);
      if (data) await hear(data, from);
    },
    onTurnedAway(proof) {
      for (const one of BansTold.safeParse(parseJson(proof)).data ?? [])
        hear(one, undefined).catch((error: unknown) =>
          log.warn('what was told of a ban was not taken', { reason: messageOf(error) }),
        );
    },
  };
}
