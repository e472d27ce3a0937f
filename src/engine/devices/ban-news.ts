import { messageOf } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { AccountUri, CommitId, ConversationId, DeviceId } from '../../ids.ts';
import { BAN_COMMIT_BYTES, BANS_KEPT, BANS_TOLD } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { BanTold } from './ban-told.ts';
import type { Messenger } from './messenger.ts';
import { PEER_MESSAGE_TYPES } from './peer-message.ts';

export interface BanNewsParts extends Pick<EngineParts, 'live' | 'log'> {
  readonly net: Pick<Net, 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
}

/**
 * Tells the banned that they are: they get nothing of the log any more, and so not the commit either that says it. It goes to
 * them alone, on the link that they keep for another conversation, or as they are turned away.
 */
export interface BanNews {
  /** All bans of a conversation that is new here. */
  take(conversation: LiveConversation): Promise<void>;
  /** Those among commits that are new. */
  follow(conversation: LiveConversation, fresh: readonly Interaction[]): Promise<void>;
  tell(peer: PeerIdentity): void;
  /** The link is gone: what was told on it may not have been heard. */
  forget(device: DeviceId): void;
  /** What shows a banned device that it is banned. */
  proofFor(peer: PeerIdentity): string | undefined;
}

type Target = AccountUri | DeviceId;

export function createBanNews({ live, log, net, messenger }: BanNewsParts): BanNews {
  /** The commits that ban, in base64. Whose ban has ended stays among them, and is not told. */
  const bans = new Map<ConversationId, Map<Target, string>>();
  const told = new Map<DeviceId, Set<string>>();

  async function keep(conversation: LiveConversation, interactions: readonly Interaction[]): Promise<void> {
    const kept = bans.get(conversation.id) ?? new Map<Target, string>();
    for (const { id, target } of interactions.flatMap(banSaidBy)) {
      const { bytes } = await conversation.log.repository.objects.read(id);
      const isRoom = kept.has(target) || kept.size < BANS_KEPT;
      if (isRoom && bytes.byteLength <= BAN_COMMIT_BYTES) kept.set(target, Buffer.from(bytes).toString('base64'));
    }
    if (kept.size > 0) bans.set(conversation.id, kept);
  }

  function bansOf({ account, device }: PeerIdentity): readonly BanTold[] {
    return [...bans].flatMap(([conversation, kept]) => {
      const membership = live.get(conversation)?.log.membership();
      const isAccount = membership?.members.get(account)?.role === 'banned';
      const isDevice = membership?.bannedDevices.has(device);
      const commit = isAccount ? kept.get(account) : isDevice ? kept.get(device) : undefined;
      return commit === undefined ? [] : [{ conversation, commit }];
    });
  }

  function tell(peer: PeerIdentity): void {
    const before = told.get(peer.device) ?? new Set();
    const fresh = bansOf(peer).filter(({ commit }) => !before.has(commit));
    if (fresh.length === 0) return;
    told.set(peer.device, new Set([...before, ...fresh.map(({ commit }) => commit)]));
    for (const content of fresh) void messenger.send(peer.device, { type: PEER_MESSAGE_TYPES.ban, content });
  }

  async function add(conversation: LiveConversation, interactions: readonly Interaction[]): Promise<void> {
    try {
      await keep(conversation, interactions);
    } catch (error) {
      log.warn('a ban cannot be told', { conversation: conversation.id, reason: messageOf(error) });
    }
    for (const { peer } of net.links()) tell(peer);
  }

  return {
    take: (conversation) => add(conversation, bansIn(conversation)),
    async follow(conversation, fresh) {
      if (fresh.flatMap(banSaidBy).length > 0) await add(conversation, fresh);
    },
    tell,
    forget: (device) => void told.delete(device),
    proofFor(peer) {
      const found = bansOf(peer).slice(0, BANS_TOLD);
      return found.length === 0 ? undefined : JSON.stringify(found);
    },
  };
}

function banSaidBy({ id, content }: Interaction): readonly { readonly id: CommitId; readonly target: Target }[] {
  if (content.outcome !== 'known' || content.event.kind !== 'member-banned') return [];
  return [{ id, target: content.event.uri }];
}

function bansIn(conversation: LiveConversation): readonly Interaction[] {
  const history = conversation.history();
  const found: Interaction[] = [];
  for (let position = 0; position < history.length; position += 1)
    if (history.heading(position).kind === 'member-banned') found.push(history.at(position));
  return found;
}
