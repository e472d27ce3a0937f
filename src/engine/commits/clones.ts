import type { Conversation } from '../../conversation/conversation.ts';
import { openConversation } from '../../conversation/open-conversation.ts';
import { isSyncError } from '../../errors.ts';
import { createFileStore } from '../../fetcher/disk/file-store-adapter.ts';
import type { ConversationId, DeviceId } from '../../ids.ts';
import type { Growth } from '../conversations/growth.ts';
import { createLiveConversation, type LiveConversation } from '../conversations/live-conversation.ts';
import type { EngineParts } from '../engine-parts.ts';
import { againWhenBroken } from './again-when-broken.ts';
import { type CloneFromDeviceParts, cloneFromDevice } from './clone-from-device.ts';

export interface ClonesParts extends CloneFromDeviceParts, Pick<EngineParts, 'log' | 'live' | 'random'> {
  readonly growth: Pick<Growth, 'take'>;
}

/** Brings conversations in from other devices. */
export interface Clones {
  /**
   * The conversation, cloned from the first of the devices that gives it, unless it is here. Several who want it at the
   * same time share one clone, and the first one's devices and signal. Throws DISK_RESERVED, and what the last device's clone came to.
   */
  take(id: ConversationId, from: DevicesToTry): Promise<LiveConversation>;
}

export interface DevicesToTry {
  /** One at least, the preferred ones first. Asked again when a link broke; what it throws ends the taking. */
  devices(): Promise<Iterable<DeviceId>>;
  readonly signal: AbortSignal;
}

export function createClones(parts: ClonesParts): Clones {
  const underWay = new Map<ConversationId, Promise<LiveConversation>>();

  async function cloneAndTake(id: ConversationId, from: DevicesToTry): Promise<LiveConversation> {
    const { clock, random } = parts;
    const cloned = await againWhenBroken(() => cloneFromAny(parts, id, from), { clock, random, signal: from.signal });
    const conversation = await loadConversation(cloned, parts);
    await parts.growth.take(conversation);
    return conversation;
  }

  return {
    async take(id, from) {
      const here = parts.live.get(id) ?? underWay.get(id);
      if (here !== undefined) return here;
      const started = cloneAndTake(id, from).finally(() => underWay.delete(id));
      underWay.set(id, started);
      return started;
    },
  };
}

async function cloneFromAny(
  parts: ClonesParts,
  id: ConversationId,
  { devices, signal }: DevicesToTry,
): Promise<Conversation> {
  await parts.room.require();
  let failure: unknown;
  for (const device of await devices()) {
    try {
      return await cloneFromDevice(device, id, { ...parts, signal });
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
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
  parts: Pick<EngineParts, 'home' | 'keys' | 'clock' | 'log'>,
): AsyncGenerator<LiveConversation> {
  for (const id of await parts.home.conversations()) {
    const conversation = await openOne(id, parts);
    if (conversation) yield conversation;
  }
}

async function openOne(
  id: ConversationId,
  parts: Pick<EngineParts, 'home' | 'keys' | 'clock' | 'log'>,
): Promise<LiveConversation | undefined> {
  try {
    const directory = parts.home.conversationsDirectory;
    return await loadConversation(await openConversation({ ...parts, directory, id }), parts);
  } catch (error) {
    if (!isSyncError(error)) throw error;
    parts.log.warn('a conversation cannot be opened and is left alone', { conversation: id, reason: error.message });
    return undefined;
  }
}
