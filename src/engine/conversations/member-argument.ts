import { SyncError } from '../../errors.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import type { LiveConversation } from './live-conversation.ts';

/**
 * The member, or the device of one, that a person means by its id or the first digits of it; banned ones are found too.
 * Throws MEMBER_UNKNOWN, AMBIGUOUS.
 */
export function findMember({ id, log }: Pick<LiveConversation, 'id' | 'log'>, word: string): AccountUri | DeviceId {
  const { members, bannedDevices } = log.membership();
  const known = [...members.values()].flatMap(({ uri, devices }) => [uri, ...devices]);
  const matches = word === '' ? [] : [...known, ...bannedDevices].filter((one) => one.startsWith(word));
  const [first, ...others] = matches;
  if (!first) throw new SyncError('MEMBER_UNKNOWN', { conversation: id, member: word });
  if (others.length > 0)
    throw new SyncError('AMBIGUOUS', { conversation: id, word, count: matches.length, example: first });
  return first;
}
