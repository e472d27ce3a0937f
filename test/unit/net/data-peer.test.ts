import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataPeer, useDataChannels } from '../../../src/net/datachannel-adapter.ts';

const CREDENTIALS = { ufrag: 'abcd', pwd: 'p'.repeat(24) };
const CANDIDATE = { transport: 'udp', type: 'host', address: '127.0.0.1', port: 9, priority: 1 } as const;

let release = () => {};
beforeAll(() => {
  release = useDataChannels();
});
afterAll(() => release());

it('is not thrown by a candidate that comes too early or too late', async () => {
  const peer = new DataPeer({ host: '127.0.0.1', credentials: CREDENTIALS, offer: undefined, relays: [] });
  peer.addCandidate(CANDIDATE);
  await peer.describe(new Promise(() => {}));
  peer.addCandidate(CANDIDATE);
  peer.close();
  peer.addCandidate(CANDIDATE);
  await expect(peer.opened).rejects.toMatchObject({ code: 'CANCELLED' });
});
