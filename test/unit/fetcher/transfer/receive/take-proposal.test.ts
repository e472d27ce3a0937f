import { describe, expect, it } from 'vitest';
import { takeProposal } from '../../../../../src/fetcher/transfer/receive/take-proposal.ts';
import { transferChannelName } from '../../../../../src/fetcher/transfer/transfer-channel.ts';
import type { DeviceId } from '../../../../../src/ids.ts';
import type { Channel } from '../../../../../src/ports.ts';
import { announcedFile, someBytes } from '../../../../support/fetcher/announced-file.ts';
import { playSource } from '../../../../support/fetcher/transfer.ts';
import { channelPair, somePeer } from '../../../../support/net/channel-pair.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const { conversation, fileId } = announcedFile(someBytes(10));
const bob = somePeer('b');

/** Bob waits for the file from whoever opens a channel. True when he took the one that is for `receiver`. */
async function isTaken(receiver: DeviceId): Promise<boolean> {
  let isTaken = false;
  const questions = {
    onProposed(_: unknown, channel: Channel) {
      isTaken = true;
      channel.close();
      return true;
    },
  };
  const options = { self: bob, clock: createVirtualClock(), signal: new AbortController().signal };
  await using pair = channelPair(transferChannelName({ conversation, receiver, fileId }));
  const taking = takeProposal({ options, questions }, pair.right);
  if (receiver !== bob.device)
    expect(await playSource(pair.left).hearOut()).toEqual({ say: 'refuse', reason: 'not-wanted' });
  await taking;
  return isTaken;
}

describe('a channel with a file that is waited for', () => {
  it('is taken when it is for this device', async () => {
    expect(await isTaken(bob.device)).toBe(true);
  });

  it('is refused when it is for another one', async () => {
    expect(await isTaken(somePeer('e').device)).toBe(false);
  });
});
