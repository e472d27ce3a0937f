import type { AccountUri, DeviceId } from '../../ids.ts';
import type { FileAnnouncement } from '../files.ts';
import type { Policy } from './policy.ts';

/**
 * What goes here of a file whose message was deleted. Parts always go: they will never be whole. The complete file goes
 * on the device that deleted it, on the author's other devices unless the policy says otherwise, and on everybody
 * else's only if their policy says so: nobody's word alone empties another person's disk.
 */
export function removalOf(
  policy: Policy,
  file: FileAnnouncement,
  self: { readonly account: AccountUri; readonly device: DeviceId },
): 'nothing' | 'parts' | 'all' {
  if (!file.isDeleted) return 'nothing';
  if (file.author !== self.account) return policy.deleteWhenTakenBack === true ? 'all' : 'parts';
  return file.deletedOn === self.device || policy.deleteOnOwnDevices !== false ? 'all' : 'parts';
}
