import type { DeviceId } from '../../ids.ts';
import { orAborted } from '../../or-aborted.ts';
import { type FileKey, fileKey } from '../file-key.ts';
import type { AnnouncedFile } from '../ports.ts';
import type { Release } from './slots.ts';
import type { TransferSlots } from './transfer-slots.ts';

/** Slots of files, however many devices send one: who joins a file that has its slot needs none. */
export interface FileSlots {
  /** Rejects with the signal's reason when aborted first. */
  acquire(file: AnnouncedFile, share: { readonly device: DeviceId; readonly signal: AbortSignal }): Promise<Release>;
}

interface Held {
  readonly slot: Promise<Release>;
  /** Ends the wait for the slot, if it goes on still. */
  readonly abandoned: AbortController;
  shares: number;
}

export function createFileSlots(slots: TransferSlots): FileSlots {
  const held = new Map<FileKey, Held>();

  /** The files wait in turns by the device that was the first to be asked for each. */
  function open(file: AnnouncedFile, device: DeviceId): Held {
    const abandoned = new AbortController();
    const entry = { slot: slots.of(file).acquire(device, abandoned.signal), abandoned, shares: 0 };
    held.set(fileKey(file), entry);
    return entry;
  }

  function leave(file: AnnouncedFile, entry: Held): void {
    entry.shares -= 1;
    if (entry.shares > 0) return;
    held.delete(fileKey(file));
    entry.abandoned.abort();
    entry.slot.then(
      (release) => release(),
      () => {},
    );
  }

  return {
    async acquire(file, { device, signal }) {
      const entry = held.get(fileKey(file)) ?? open(file, device);
      entry.shares += 1;
      let hasLeft = false;
      const release = () => {
        if (!hasLeft) leave(file, entry);
        hasLeft = true;
      };
      try {
        await orAborted(entry.slot, signal);
        return release;
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}
