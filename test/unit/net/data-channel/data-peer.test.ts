import { afterAll, expect, it } from 'vitest';
import { DataPeer, useDataChannels } from '../../../../src/net/data-channel/data-channel-adapter.ts';
import { newCredentials } from '../../../../src/net/signalling/description.ts';
import { testRandom } from '../../../support/identity/accounts.ts';

afterAll(useDataChannels());

it('a data channel that is given up before it has described itself says why, and to nobody else', async () => {
  const unhandled: unknown[] = [];
  const remember = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', remember);
  const peer = new DataPeer({
    bindAddress: '127.0.0.1',
    credentials: newCredentials(testRandom),
    offer: undefined,
    relays: [],
  });
  peer.opened.catch(() => {});
  await expect(peer.describe(Promise.reject(new TypeError('given up')))).rejects.toThrow('given up');
  peer.close();
  process.off('unhandledRejection', remember);
  expect(unhandled).toEqual([]);
});
