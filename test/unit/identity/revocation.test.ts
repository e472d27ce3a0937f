import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRevocation } from '../../../src/engine/devices/known-revocations.ts';
import { certifyDevice } from '../../../src/identity/create-account.ts';
import { type IssueList, issueRevocationList } from '../../../src/identity/crl-adapter.ts';
import { type Revocation, revokedBy, verifyRevocation } from '../../../src/identity/revocation.ts';
import { secondTestDevice, TEST_NOW, testRandom, wholeTestAccount } from '../../support/identity/accounts.ts';
import { thrownBy } from '../../support/thrown.ts';

const alice = await wholeTestAccount('alice');
const bob = await wholeTestAccount('bob');
const phone = (await secondTestDevice('alice', 'phone')).chain.device;
const tablet = (await secondTestDevice('alice', 'tablet')).chain.device;
const issuersOf = ({ chain }: typeof alice) => chain.account.pem + chain.authority.pem;

const listOf = async (owner: typeof alice, serials: readonly string[], { devices }: Pick<IssueList, 'devices'> = {}) =>
  (
    await issueRevocationList({
      ...{
        issuer: owner.chain.account,
        key: owner.keys.account,
        serials,
        after: [],
        now: TEST_NOW,
        ...(devices && { devices }),
      },
    })
  ).der;

describe('a revocation', () => {
  it('tells whose device is revoked', async () => {
    const list = await listOf(alice, [phone.serial]);
    const proved = await verifyRevocation({ list, issuers: issuersOf(alice), devices: [phone.pem] });
    expect([proved.account, ...proved.devices.keys()]).toEqual([alice.device.account, phone.longId]);
  });

  it('names a device by its id when nobody who revoked had seen its certificate', async () => {
    const list = await listOf(alice, [], { devices: [phone.longId] });
    for (const devices of [[], [phone.pem]]) {
      const proved = await verifyRevocation({ list, issuers: issuersOf(alice), devices });
      expect([...revokedBy(proved)]).toEqual([phone.longId]);
    }
  });

  it('is void for a device that the list does not name', async () => {
    const list = await listOf(alice, [phone.serial]);
    await thrownBy('CHAIN_INVALID', () =>
      verifyRevocation({ list, issuers: issuersOf(alice), devices: [phone.pem, tablet.pem] }),
    );
  });

  it('is void when another account signed the list, or certified the device', async () => {
    const foreign = await listOf(bob, [phone.serial]);
    for (const issuers of [issuersOf(alice), issuersOf(bob)])
      await thrownBy('CHAIN_INVALID', () => verifyRevocation({ list: foreign, issuers, devices: [phone.pem] }));
  });

  it('is void when the account is not certified by its authority', async () => {
    const list = await listOf(alice, [phone.serial]);
    const issuers = alice.chain.account.pem + bob.chain.authority.pem;
    await thrownBy('CHAIN_INVALID', () => verifyRevocation({ list, issuers, devices: [phone.pem] }));
  });

  it('of a key that an account certified as its own says so of that account only', async () => {
    // Bob certifies the key of Alice's device as if it were his, and revokes that.
    const stolen = await certifyDevice(
      { keys: { account: bob.keys.account, device: alice.keys.device }, now: TEST_NOW, random: testRandom },
      bob.chain,
    );
    const list = await listOf(bob, [stolen.device.serial]);
    const proved = await verifyRevocation({ list, issuers: issuersOf(bob), devices: [stolen.device.pem] });
    expect([...proved.devices.keys()]).toEqual([alice.device.device]);
    expect(proved.account).toBe(bob.device.account);
  });
});

describe('the revocations of one account', () => {
  it.each([{ unseen: [] }, { unseen: [bob.device.device] }])(
    'come to the same devices in whatever order they were heard, and a list that another contains goes',
    async ({ unseen }) => {
      const issuers = issuersOf(alice);
      const heard = await Promise.all(
        [[phone], [tablet], [phone, tablet]].map(async (devices) =>
          verifyRevocation({
            list: await listOf(
              alice,
              devices.map(({ serial }) => serial),
              { devices: unseen },
            ),
            ...{ issuers, devices: devices.map(({ pem }) => pem) },
          }),
        ),
      );
      fc.assert(
        fc.property(fc.shuffledSubarray(heard, { minLength: 3 }), fc.shuffledSubarray(heard), (first, again) => {
          const known = [...first, ...again].reduce<readonly Revocation[]>((all, one) => {
            const added = addRevocation(all, one);
            return added.outcome === 'added' ? added.revocations : all;
          }, []);
          expect(known.map((one) => [...revokedBy(one)].sort())).toEqual([
            [phone.longId, tablet.longId, ...unseen].sort(),
          ]);
        }),
      );
    },
  );

  it('count apart where one names by its id what another does not name', async () => {
    const issuers = issuersOf(alice);
    const [bySerial, byId] = await Promise.all([
      verifyRevocation({ list: await listOf(alice, [phone.serial]), issuers, devices: [phone.pem] }),
      verifyRevocation({ list: await listOf(alice, [], { devices: [tablet.longId] }), issuers, devices: [] }),
    ]);
    const added = addRevocation([bySerial], byId);
    expect(added).toMatchObject({ outcome: 'added', revocations: [bySerial, byId] });
  });
});
