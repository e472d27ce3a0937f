import { cloneConversation } from '../conversation/clone-conversation.ts';
import type { Conversation } from '../conversation/conversation.ts';
import { createConversation } from '../conversation/create-conversation.ts';
import { refusalToProfile } from '../conversation/decisions/update-profile.ts';
import { openConversation } from '../conversation/open-conversation.ts';
import { isSyncError, SyncError } from '../errors.ts';
import { createFileStore } from '../fetcher/file-store-adapter.ts';
import type { ConversationId, DeviceId } from '../ids.ts';
import { SYNC_MS } from '../limits.ts';
import type { Net } from '../net/net.ts';
import { missingFiles } from '../projections/missing-files.ts';
import { openGitChannel } from './commit-exchange.ts';
import { createHandle, type HandleParts } from './conversation-handle.ts';
import type { ConversationSummary, Conversations } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Growth } from './growth.ts';
import type { Invitations } from './invitations.ts';
import { createLiveConversation, type LiveConversation } from './live-conversation.ts';

export interface ConversationsParts extends HandleParts {
  readonly growth: Growth;
  readonly invitations: Invitations;
  readonly net: Pick<Net, 'openChannel' | 'findDevices' | 'links'>;
  readonly directory: string;
}

export function createConversations(parts: ConversationsParts): Conversations {
  const { live, growth, invitations, intents } = parts;
  const joining = new Map<ConversationId, Promise<LiveConversation>>();

  async function adopt(log: Conversation): Promise<LiveConversation> {
    const conversation = await loadConversation(log, parts);
    await growth.take(conversation);
    return conversation;
  }

  async function cloneAndJoin(id: ConversationId, signal: AbortSignal): Promise<LiveConversation> {
    const conversation = live.get(id) ?? (await adopt(await cloneFromInviter(parts, id, signal)));
    if (!conversation.isActive(parts.keys.account, parts.keys.device)) {
      await intents.carryOut(conversation, { kind: 'join-conversation' });
    }
    return conversation;
  }

  /** Two that join at the same time are one: one clone, one commit, and the first one's signal. */
  function joinOnce(id: ConversationId, signal: AbortSignal): Promise<LiveConversation> {
    const underWay = joining.get(id);
    if (underWay !== undefined) return underWay;
    const started = cloneAndJoin(id, signal).finally(() => joining.delete(id));
    joining.set(id, started);
    return started;
  }

  return {
    async create({ title } = {}) {
      parts.signal.throwIfAborted();
      // A conversation cannot be taken back: what it is to be called is looked at before it is made.
      const flaw = refusalToProfile({ ...(title && { title }) });
      if (flaw) throw new SyncError('REFUSED', { reason: flaw.refused, detail: flaw.detail });
      const conversation = await adopt(await createConversation(parts, { mode: 'invites-only' }));
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

/** A conversation's log with its folds and its files. */
export function loadConversation(log: Conversation, { home }: Pick<EngineParts, 'home'>): Promise<LiveConversation> {
  return createLiveConversation(log, createFileStore(home.dataDirectory(log.id)));
}

/**
 * Opens every conversation of the home, one when it is asked for: the taker owns what it was given before the next is opened.
 * One that cannot be opened is left alone, and reported.
 */
export async function* openAll(
  parts: Pick<EngineParts, 'home' | 'keys' | 'clock' | 'log'> & { readonly directory: string },
): AsyncGenerator<LiveConversation> {
  for (const id of await parts.home.conversations()) {
    const conversation = await openOne(id, parts);
    if (conversation) yield conversation;
  }
}

async function openOne(
  id: ConversationId,
  parts: Pick<EngineParts, 'home' | 'keys' | 'clock' | 'log'> & { readonly directory: string },
): Promise<LiveConversation | undefined> {
  try {
    return await loadConversation(await openConversation({ ...parts, id }), parts);
  } catch (error) {
    if (!isSyncError(error)) throw error;
    parts.log.warn('a conversation cannot be opened and is left alone', { conversation: id, reason: error.message });
    return undefined;
  }
}

/** Tries the device that invited us first, then whatever other device of that account can be found. */
async function cloneFromInviter(
  parts: ConversationsParts,
  id: ConversationId,
  signal: AbortSignal,
): Promise<Conversation> {
  const { keeper, net } = parts;
  const invitation = keeper.state().invitations.get(id);
  if (!invitation) throw new SyncError('NOT_INVITED', { conversation: id });
  const found = await net.findDevices(invitation.from, { signal }).catch(() => []);
  const devices = new Set<DeviceId>([invitation.device, ...found]);
  let failure: unknown;
  for (const device of devices) {
    try {
      return await cloneFrom(device, id, { ...parts, signal });
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

async function cloneFrom(
  device: DeviceId,
  id: ConversationId,
  {
    net,
    directory,
    keys,
    clock,
    signal: ending,
  }: Pick<ConversationsParts, 'net' | 'directory' | 'keys' | 'clock' | 'signal'>,
): Promise<Conversation> {
  const signal = AbortSignal.any([ending, AbortSignal.timeout(SYNC_MS)]);
  await using channel = await openGitChannel(net, { device, conversation: id, signal });
  const conversation = await cloneConversation({ directory, id, keys, clock, channel, signal });
  await channel.end({ signal });
  return conversation;
}

function summaryOf(conversation: LiveConversation, { keeper }: Pick<EngineParts, 'keeper'>): ConversationSummary {
  const { members, files } = conversation.states();
  return {
    conversation: conversation.id,
    mode: conversation.log.mode() ?? 'invites-only',
    title: conversation.title(),
    members: members.members.count(({ role }) => role === 'admin' || role === 'member'),
    interactions: conversation.history().length,
    missing: missingFiles(files, keeper.state()).length,
    head: conversation.log.head(),
  };
}
