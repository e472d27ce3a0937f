import { backOff, drawnWait } from '../../back-off.ts';
import { isSyncError, messageOf } from '../../errors.ts';
import { createSlots } from '../../fetcher/pace/slots.ts';
import type { ConversationId, DeviceId } from '../../ids.ts';
import { CLONE_RETRY_MAX_MS, CLONE_RETRY_MS, CLONES_AT_ONCE } from '../../limits.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { CommitRoom } from '../home/commit-room.ts';
import type { Clones } from './clones.ts';

/** Clones conversations, each until it is here: at once when a device links that may have it, else ever more seldom. */
export interface CloneTries {
  /** Wanting what is being tried, or is here, changes nothing. */
  want(id: ConversationId): void;
  /** Somebody who may have it is there now. */
  wake(id: ConversationId): void;
  /** Resolves when nothing is tried any more; call after the signal has fired. */
  ended(): Promise<void>;
}

export interface CloneTriesParts extends Pick<EngineParts, 'clock' | 'random' | 'log' | 'live' | 'signal'> {
  readonly clones: Clones;
  readonly room: Pick<CommitRoom, 'available'>;
  /** The linked devices that may have it, the preferred ones first. */
  devicesFor(id: ConversationId): readonly DeviceId[];
}

interface Try {
  woken: AbortController;
  ended: Promise<void>;
}

export function createCloneTries(parts: CloneTriesParts): CloneTries {
  const { clock, random, log, live, signal, clones, room, devicesFor } = parts;
  const slots = createSlots({ limit: CLONES_AT_ONCE });
  const tries = new Map<ConversationId, Try>();

  async function keepTrying(id: ConversationId, self: Try): Promise<void> {
    let inVain = 0;
    while (!signal.aborted) {
      await room.available(signal);
      // From here on, so that whoever links during the try is not missed.
      self.woken = new AbortController();
      const until = AbortSignal.any([signal, self.woken.signal]);
      const isTried = devicesFor(id).length > 0;
      if (isTried && (await isCloned(id))) return;
      inVain += Number(isTried);
      await clock.wait(drawnWait(backOff(inVain + 1, WAITS), random), until).catch(() => {});
    }
  }

  async function isCloned(id: ConversationId): Promise<boolean> {
    const release = await slots.acquire('clone', signal);
    try {
      const devices = devicesFor(id);
      // Who was there may have gone while others had their turn.
      if (devices.length === 0) return false;
      await clones.take(id, { devices: async () => devices, signal });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!isSyncError(error)) throw error;
      log.debug('a conversation of the account was not cloned yet', { conversation: id, reason: error.message });
      return false;
    } finally {
      release();
    }
  }

  return {
    want(id) {
      if (tries.has(id) || live.has(id) || signal.aborted) return;
      const self: Try = { woken: new AbortController(), ended: Promise.resolve() };
      tries.set(id, self);
      self.ended = keepTrying(id, self)
        .catch((error: unknown) => {
          if (!signal.aborted) log.warn('a conversation of the account is given up', { id, reason: messageOf(error) });
        })
        .finally(() => tries.delete(id));
    },
    wake: (id) => tries.get(id)?.woken.abort(),
    ended: async () => void (await Promise.all([...tries.values()].map(({ ended }) => ended))),
  };
}

const WAITS = { first: CLONE_RETRY_MS, longest: CLONE_RETRY_MAX_MS };
