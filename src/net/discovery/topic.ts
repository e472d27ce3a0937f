/** The 32-byte keys that devices announce themselves under. */
import { createHash } from 'node:crypto';
import type { AccountUri, DeviceId } from '../../ids.ts';

export function accountTopic(account: AccountUri): Uint8Array {
  return topic('account', account);
}

export function deviceTopic(device: DeviceId): Uint8Array {
  return topic('device', device);
}

function topic(what: string, id: string): Uint8Array {
  return createHash('sha256').update(`swarmlog topic v1 ${what} ${id}`).digest();
}
