import { refusalToProfile } from '../../conversation/decisions/update-profile.ts';
import { createConversation } from '../../conversation/write/create-conversation.ts';
import { SyncError } from '../../errors.ts';
import type { ConversationId, DeviceId } from '../../ids.ts';
import type { Net } from '../../net/net.ts';
import { invitationsTo } from '../../projections/journal/received-invitations.ts';
import { missingFiles } from '../../projections/missing-files.ts';
import { type Clones, loadConversation } from '../commits/clones.ts';
import type { Invitations } from '../devices/invitations.ts';
import type { Conversations } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { ConversationSummary } from '../views.ts';
import { holdingBan } from './ban-view.ts';
import { createHandle, type HandleParts } from './conversation-handle.ts';
import type { Growth } from './growth.ts';
import type { LiveConversation } from './live-conversation.ts';

export interface ConversationsParts extends HandleParts {
  readonly growth: Growth;
  readonly invitations: Invitations;
  readonly clones: Clones;
  readonly net: Pick<Net, 'findDevices' | 'links'>;
  readonly directory: string;
}

export function createConversations(parts: ConversationsParts): Conversations {
  const { live, growth, invitations, intents, clones } = parts;
  const joining = new Map<ConversationId, Promise<LiveConversation>>();

  async function cloneAndJoin(id: ConversationId, signal: AbortSignal): Promise<LiveConversation> {
    const conversation = await clones.take(id, { devices: () => invitingDevices(parts, id, signal), signal });
    if (!conversation.isActive(parts.keys.account, parts.keys.device)) {
      await intents.carryOut(conversation, { kind: 'join-conversation' });
    }
    return conversation;
  }

  /** Two that join at the same time are one: one commit, and the first one's signal. */
  function joinOnce(id: ConversationId, signal: AbortSignal): Promise<LiveConversation> {
    const underWay = joining.get(id);
    if (underWay !== undefined) return underWay;
    const started = cloneAndJoin(id, signal).finally(() => joining.delete(id));
    joining.set(id, started);
    return started;
  }

  return {
    async create({ title, mode = 'invites-only', with: other } = {}) {
      parts.signal.throwIfAborted();
      // A conversation cannot be taken back: what it is to be called is looked at before it is made.
      const flaw = refusalToProfile({ ...(title && { title }) });
      if (flaw) throw new SyncError('REFUSED', { reason: flaw.refused, detail: flaw.detail });
      const intent = other === undefined ? { mode } : ({ mode: 'one-to-one', invited: other } as const);
      const conversation = await loadConversation(await createConversation(parts, intent), parts);
      await growth.take(conversation);
      if (title) await intents.carryOut(conversation, { kind: 'update-profile', profile: { title } });
      return createHandle(conversation, parts);
    },
    open(id) {
      const conversation = live.get(id);
      if (!conversation) throw new SyncError('CONVERSATION_UNKNOWN', { conversation: id });
      return createHandle(conversation, parts);
    },
    async join(id, { signal } = {}) {
      const ending = signal ? AbortSignal.any([signal, parts.signal]) : parts.signal;
      return createHandle(await joinOnce(id, ending), parts);
    },
    list: () => [...live.values()].map((conversation) => summaryOf(conversation, parts)),
    invitations: invitations.waiting,
  };
}

/**
 * The devices that invited us first, then whatever other devices of these accounts can be found; before all of them those of
 * accounts that take part in a conversation here, as a stranger may invite to keep us waiting. Throws NOT_INVITED.
 */
async function invitingDevices(
  { keeper, net, live }: ConversationsParts,
  id: ConversationId,
  signal: AbortSignal,
): Promise<ReadonlySet<DeviceId>> {
  const invitations = invitationsTo(keeper.state().invitations, id);
  if (invitations.length === 0) throw new SyncError('NOT_INVITED', { conversation: id });
  const isKnown = ({ from, device }: (typeof invitations)[number]) =>
    [...live.values()].some((conversation) => conversation.isShownTo(from, device));
  const knownFirst = [...invitations.filter(isKnown), ...invitations.filter((other) => !isKnown(other))];
  const found = await Promise.all(knownFirst.map(({ from }) => net.findDevices(from, { signal }).catch(() => [])));
  return new Set([...knownFirst.map(({ device }) => device), ...found.flat()]);
}

function summaryOf(conversation: LiveConversation, { keeper }: Pick<EngineParts, 'keeper'>): ConversationSummary {
  const { files } = conversation.states();
  const ban = holdingBan(conversation, keeper.state());
  return {
    conversation: conversation.id,
    mode: conversation.log.mode() ?? 'invites-only',
    title: conversation.title(),
    members: conversation.members().filter(({ role }) => role === 'admin' || role === 'member').length,
    interactions: conversation.history().length,
    missing: missingFiles(files, keeper.state()).length,
    head: conversation.head(),
    ...(ban && { ban }),
  };
}
