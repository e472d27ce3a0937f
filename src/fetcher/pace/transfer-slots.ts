import { TRANSFERS_AT_ONCE, TRANSFERS_SERVED_AT_ONCE } from '../../limits.ts';
import type { AnnouncedFile } from '../ports.ts';
import { isQuick } from './quick-file.ts';
import { createSlots, type Slots } from './slots.ts';

/** Slots for transfers in one direction. Quick files have slots of their own, so that they never wait for big ones. */
export interface TransferSlots {
  of(file: Pick<AnnouncedFile, 'totalSize'>): Slots;
}

export function createReceivingSlots(): TransferSlots {
  return inTwoLanes(() => createSlots({ limit: TRANSFERS_AT_ONCE }));
}

/** One device gets no more than it would take, so that there is room for others while it does. */
export function createServingSlots(): TransferSlots {
  return inTwoLanes(() => createSlots({ limit: TRANSFERS_SERVED_AT_ONCE, limitPerKey: TRANSFERS_AT_ONCE }));
}

function inTwoLanes(create: () => Slots): TransferSlots {
  const [quick, big] = [create(), create()];
  return { of: (file) => (isQuick(file) ? quick : big) };
}
