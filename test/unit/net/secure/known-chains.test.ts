import { describe, expect, it } from 'vitest';
import { createKnownChains } from '../../../../src/net/secure/known-chains.ts';
import { provePeer } from '../../../../src/net/secure/prove-peer.ts';
import { TEST_NOW, testAccount } from '../../../support/identity/accounts.ts';

async function presented(name: string) {
  const { chain, device, account } = await testAccount(name);
  return { certificates: [chain.device.der, chain.account.der, chain.authority.der], device, account, chain };
}

describe('a chain that was checked', () => {
  it('is known afterwards, by its bytes alone', async () => {
    const known = createKnownChains();
    const [alice, bob] = await Promise.all([presented('alice'), presented('bob')]);
    const peer = { device: alice.device, account: alice.account };
    expect(known.peerOf(alice.certificates, TEST_NOW)).toBeUndefined();
    expect(await provePeer(alice.certificates, { expected: alice.device, now: TEST_NOW, known })).toEqual(peer);
    expect(known.peerOf(alice.certificates, TEST_NOW)).toEqual(peer);
    for (const others of [
      bob.certificates,
      alice.certificates.slice(0, 2),
      [...alice.certificates].reverse(),
      [bob.chain.device.der, alice.chain.account.der, alice.chain.authority.der],
    ])
      expect(known.peerOf(others, TEST_NOW)).toBeUndefined();
  });

  it('is not what was expected when it is another device’s, and proves nothing once it has expired', async () => {
    const known = createKnownChains();
    const [alice, bob] = await Promise.all([presented('alice'), presented('bob')]);
    const now = TEST_NOW;
    for (let time = 0; time < 2; time += 1)
      await expect(provePeer(alice.certificates, { expected: bob.device, now, known })).rejects.toMatchObject({
        code: 'PEER_REJECTED',
      });
    const late = alice.chain.device.notAfter + 1;
    await expect(provePeer(alice.certificates, { expected: alice.device, now: late, known })).rejects.toMatchObject({
      code: 'PEER_REJECTED',
    });
  });

  it('is not remembered when it is wrong', async () => {
    const known = createKnownChains();
    const [alice, bob] = await Promise.all([presented('alice'), presented('bob')]);
    const forged = [bob.chain.device.der, alice.chain.account.der, alice.chain.authority.der];
    await expect(provePeer(forged, { expected: bob.device, now: TEST_NOW, known })).rejects.toMatchObject({
      code: 'PEER_REJECTED',
    });
    expect(known.peerOf(forged, TEST_NOW)).toBeUndefined();
  });
});
