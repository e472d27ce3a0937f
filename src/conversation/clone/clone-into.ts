import { SyncError } from '../../errors.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { ConversationId } from '../../ids.ts';
import type { Channel } from '../../ports.ts';
import { readMembership } from '../membership/membership.ts';
import type { Repository } from '../repository/repository.ts';
import { pathOf } from '../sync/request-line.ts';
import { type TakeHistory, takeHistory } from './take-history.ts';

export interface CloneInto
  extends Pick<TakeHistory, 'clock' | 'signal' | 'isRevoked' | 'knownRefusal' | 'verify' | 'certificates'> {
  readonly id: ConversationId;
  readonly keys: Pick<DeviceKeys, 'account'>;
  readonly channel: Channel;
}

/**
 * Fills an empty repository from the other side of the channel. Throws NOT_INVITED when the account has no place in the
 * conversation, and as `takeHistory`.
 */
export async function cloneInto(repository: Repository, clone: CloneInto): Promise<void> {
  const { id, keys, channel } = clone;
  await takeHistory(repository, {
    ...clone,
    lane: channel,
    request: { path: pathOf(id), host: channel.peer.device },
    conversation: id,
    async requireWelcome({ head, founding, history }) {
      const tree = await history.trees.read((await history.commit(head)).tree);
      const { members } = await readMembership(history, tree, founding);
      const role = members.get(keys.account)?.role;
      if (role === undefined || role === 'banned') throw new SyncError('NOT_INVITED', { conversation: id });
    },
  });
}
