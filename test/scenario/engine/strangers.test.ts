/** What somebody gets who knows every id but was not invited. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  decodePeerMessage,
  encodePeerMessage,
  gitChannelOf,
  messageChannelOf,
} from '../../../src/engine/devices/peer-message.ts';
import type { ConversationHandle, Engine, SentFile } from '../../../src/engine/engine.ts';
import { FILE_ANSWER_TYPE, FILE_REQUEST_TYPE } from '../../../src/events/peer/file-request.ts';
import { transferChannelName } from '../../../src/fetcher/transfer/transfer-channel.ts';
import { loadDeviceKeys } from '../../../src/identity/account-store-adapter.ts';
import { parseAddress } from '../../../src/net/address.ts';
import { createNet } from '../../../src/net/create-net.ts';
import type { Net } from '../../../src/net/net.ts';
import type { Channel } from '../../../src/ports.ts';
import { createTestEngines, type TestEngines } from '../../support/engine/engines.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { thrownBy } from '../../support/thrown.ts';
import { patience } from '../../support/time/patience.ts';
import { realClock, realRandom } from '../../support/time/real-clock.ts';
import { until } from '../../support/time/until.ts';

/** A net of mallory's, and what she is told on it. */
interface Mallory extends AsyncDisposable {
  readonly net: Net;
  readonly told: { readonly type: string; readonly content: unknown }[];
}

async function startMallory(engines: TestEngines): Promise<Mallory> {
  const keys = await loadDeviceKeys(await engines.home('mallory'), { now: realClock.now() });
  const told: Mallory['told'][number][] = [];
  const net = await createNet({
    keys,
    dhtSeed: randomBytes(32),
    bootstrap: engines.bootstrap.map(parseAddress),
    ...{ clock: realClock, random: realRandom, log: quietLog, signal: new AbortController().signal },
    handlers: {
      admitPeer: () => ({ accept: true }),
      admitChannel: () => ({ accept: true }),
      keepsChannel: () => true,
      onTurnedAway: () => {},
      async serveChannel(channel: Channel) {
        for await (const bytes of channel.messages({ signal: new AbortController().signal })) {
          told.push(decodePeerMessage(bytes));
        }
      },
      onAddressesChanged() {},
      onChange: () => {},
    },
  });
  return { net, told, [Symbol.asyncDispose]: () => net.close() };
}

async function announce(alice: Engine): Promise<{ conversation: ConversationHandle; sent: SentFile }> {
  const conversation = await alice.conversations.create();
  const path = join(await temporaryDirectory(), 'secret.png');
  await writeFile(path, randomBytes(1000));
  return { conversation, sent: await conversation.sendFile(path) };
}

describe('a stranger', () => {
  it('gets no commits and no bytes, however much she knows', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    const { conversation, sent } = await announce(alice);
    await using mallory = await startMallory(engines);
    const signal = patience();
    const { device } = alice.account;
    const open = (name: string) => mallory.net.openChannel(device, name, { signal });

    const git = await thrownBy('CHANNEL_DECLINED', () => open(gitChannelOf(device, conversation.id)));
    expect(git.data.reason).toBe('not-a-member');
    const name = transferChannelName({ conversation: conversation.id, receiver: device, fileId: sent.fileId });
    expect((await thrownBy('CHANNEL_DECLINED', () => open(name))).data.reason).toBe('not-a-member');
    await thrownBy('CHANNEL_DECLINED', () => open(gitChannelOf(device, conversation.id).replace('git:', 'https:')));
  });

  it('is told that her request is declined, and nothing of the conversation', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    const { conversation, sent } = await announce(alice);
    await using mallory = await startMallory(engines);
    const { device } = alice.account;
    const signal = patience();
    const channel = await mallory.net.openChannel(device, messageChannelOf(device), { signal });
    const self = (await loadDeviceKeys(await engines.home('mallory'), { now: realClock.now() })).device;
    const content = { conversation: conversation.id, interaction: sent.interaction.id, deviceId: self };
    await channel.send(encodePeerMessage({ type: FILE_REQUEST_TYPE, content }));
    await until(() => mallory.told.length > 0);
    expect(mallory.told.map(({ type }) => type)).toEqual([FILE_ANSWER_TYPE]);
    expect(JSON.stringify(mallory.told)).not.toContain(sent.fileId);
    expect(sent.transfer()).toMatchObject({ phase: 'announced', bytes: 0, subTransfers: [] });
  });

  it('loses the channel on which she talks nonsense, and nobody else notices', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice');
    await using mallory = await startMallory(engines);
    const { device } = alice.account;
    const signal = patience();
    const channel = await mallory.net.openChannel(device, messageChannelOf(device), { signal });
    await channel.send(Buffer.from('{"type":'));
    await thrownBy('CHANNEL_CLOSED', async () => {
      for await (const _ of channel.messages({ signal })) expect.fail('alice says nothing here');
    });
    expect(alice.links).toHaveLength(1);
    const again = await mallory.net.openChannel(device, messageChannelOf(device), { signal });
    again.close();
  });
});
