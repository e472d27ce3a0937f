import { describe, expect, it } from 'vitest';
import { FILE_REQUEST_TYPE } from '../../../../../src/events/peer/file-request.ts';
import { SMALL_FILE_BYTES } from '../../../../../src/limits.ts';
import type { Channel } from '../../../../../src/ports.ts';
import { announcedFile, someBytes } from '../../../../support/fetcher/announced-file.ts';
import { createFetcherNetwork } from '../../../../support/fetcher/fetcher-network.ts';
import { inlineDigester } from '../../../../support/fetcher/inline-digester.ts';
import { playSource, put } from '../../../../support/fetcher/transfer.ts';
import { somePeer } from '../../../../support/net/channel-pair.ts';
import { until } from '../../../../support/time/until.ts';
import { createVirtualClock } from '../../../../support/time/virtual-clock.ts';

const bytes = someBytes(SMALL_FILE_BYTES + 1);
const file = announcedFile(bytes);
const bob = somePeer('b');

/** Alice has the file. Bob, whom the test plays, may ask for it, and gets the channels that she opens. */
async function aliceAndBob() {
  const network = createFetcherNetwork({ digester: inlineDigester(), clock: createVirtualClock() });
  network.files.push(file);
  const alice = await network.join('a');
  await put(alice.store, file, bytes);
  const channels: Channel[] = [];
  network.admit({
    self: bob,
    fetcher: { onMessage: () => true, serveChannel: async (channel) => void channels.push(channel) },
  });
  const { conversation, interaction } = file;
  const ask = () =>
    alice.fetcher.onMessage(bob, FILE_REQUEST_TYPE, { conversation, interaction, deviceId: bob.device });
  const served = () => alice.fetcher.requestCounts().served;
  return { alice, channels, ask, served };
}

/** Bob says no to what is proposed, and reads to the end. */
async function refuse(channel: Channel | undefined): Promise<void> {
  if (!channel) return;
  const played = playSource(channel);
  await played.say({ say: 'refuse', reason: 'not-wanted' });
  await played.hearOut();
  channel.close();
}

describe('a request for a file', () => {
  it('that comes again while it is served is served once, and counted each time', async () => {
    const { channels, ask, served } = await aliceAndBob();
    ask();
    ask();
    await until(() => channels.length > 0);
    ask();
    await refuse(channels[0]);
    await until(() => served() === 3 || channels.length > 1);
    expect(channels.length).toBe(1);
  });

  it('that comes when the one before is over is served anew', async () => {
    const { channels, ask, served } = await aliceAndBob();
    for (const count of [1, 2]) {
      ask();
      await until(() => channels.length === count);
      await refuse(channels.at(-1));
      await until(() => served() === count);
    }
  });
});
