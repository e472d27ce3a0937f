/** `data-transfer-batch://<source device>`: the channel on which a device asks a source for small files. */
import type { DeviceId } from '../../ids.ts';

const SCHEME = 'data-transfer-batch://';

export function batchChannelName(source: DeviceId): string {
  return `${SCHEME}${source}`;
}

/** Whether it is the channel on which `self` is asked. */
export function isBatchChannelTo(self: DeviceId, name: string): boolean {
  return name === batchChannelName(self);
}
