import { MODES, type Mode } from '../../events/kinds/conversation-created.ts';
import { createRateLimit } from '../../fetcher/pace/rate-limit.ts';
import type { ConversationId, DeviceId } from '../../ids.ts';
import {
  INVITATIONS_PER_ACCOUNT,
  INVITATIONS_PER_MINUTE,
  INVITATIONS_WAITING,
  INVITERS_PER_CONVERSATION,
  TITLE_CHARACTERS,
} from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { Clock, PeerIdentity } from '../../ports.ts';
import { invitationBy } from '../../projections/journal/received-invitations.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { JournalKeeper } from '../journal/journal-keeper.ts';
import type { InvitationView } from '../views.ts';
import type { Messenger } from './messenger.ts';
import { Invite, PEER_MESSAGE_TYPES } from './peer-message.ts';

export interface InvitationsOptions {
  readonly net: Pick<Net, 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
  readonly keeper: JournalKeeper;
  readonly clock: Clock;
  readonly live: ReadonlyMap<ConversationId, LiveConversation>;
}

/** Tells invited accounts that they are, and remembers who invited us. The log is the proof; the message only points to it. */
export interface Invitations {
  /** Sends the invitation to a device of an invited account, once on a link. */
  tell(conversation: LiveConversation, device: DeviceId): void;
  /** Tells every linked device of the accounts that are invited now. */
  tellAll(conversation: LiveConversation): void;
  /** The link is gone: what was told on it may not have been heard. */
  forget(device: DeviceId): void;
  receive(from: PeerIdentity, content: unknown): void;
  /** Those that were not followed yet. */
  waiting(): readonly InvitationView[];
}

export function createInvitations({ net, messenger, keeper, clock, live }: InvitationsOptions): Invitations {
  const limit = createRateLimit(clock, INVITATIONS_PER_MINUTE);
  /** Of what linked devices were told. */
  const told = new Map<DeviceId, Set<ConversationId>>();

  function tell(conversation: LiveConversation, device: DeviceId): void {
    const before = told.get(device) ?? new Set();
    if (before.has(conversation.id)) return;
    told.set(device, before.add(conversation.id));
    const mode = conversation.log.mode() ?? 'invites-only';
    const title = conversation.title()?.slice(0, TITLE_CHARACTERS);
    const content: Invite = {
      conversationId: conversation.id,
      metadatas: { mode: MODES.indexOf(mode), ...(title !== undefined && { title }) },
      receivedMs: clock.now(),
    };
    void messenger.send(device, { type: PEER_MESSAGE_TYPES.invite, content }).then((isSent) => {
      if (!isSent) before.delete(conversation.id);
    });
  }

  const waiting = () =>
    [...keeper.state().invitations.values()].filter(({ conversation }) => !live.has(conversation)).map(invitationView);

  /** Each account has its share. What strangers send leaves room for those we share a conversation with. */
  function hasRoomFor({ account, device }: PeerIdentity, conversation: ConversationId): boolean {
    const all = waiting();
    if (all.filter(({ from }) => from === account).length >= INVITATIONS_PER_ACCOUNT) return false;
    if ([...live.values()].some((known) => known.isShownTo(account, device))) return true;
    const inviters = all.filter((other) => other.conversation === conversation).length;
    return all.length < INVITATIONS_WAITING && inviters < INVITERS_PER_CONVERSATION;
  }

  return {
    tell,
    tellAll(conversation) {
      for (const { peer } of net.links()) if (conversation.isInvited(peer.account)) tell(conversation, peer.device);
    },
    forget: (device) => void told.delete(device),
    receive({ account, device }, content) {
      const invite = Invite.safeParse(content);
      if (!invite.success) return;
      const { conversationId: conversation, metadatas } = invite.data;
      const isKnown = invitationBy(keeper.state().invitations, conversation, account) !== undefined;
      if (isKnown || live.has(conversation)) return;
      // Whoever is linked may invite, and looking for room takes a while.
      if (!limit.allows(device) || !hasRoomFor({ account, device }, conversation)) return;
      keeper.record({
        kind: 'invitation-received',
        conversation,
        from: account,
        device,
        mode: modeOf(metadatas.mode),
        ...(metadatas.title !== undefined && { title: metadatas.title }),
        at: clock.now(),
      });
    },
    waiting,
  };
}

export function invitationView({
  conversation,
  from,
  mode,
  title,
}: Omit<InvitationView, 'title'> & { readonly title?: string | undefined }): InvitationView {
  return { conversation, from, mode, title };
}

function modeOf(number: number): Mode {
  return MODES[number] ?? 'invites-only';
}
