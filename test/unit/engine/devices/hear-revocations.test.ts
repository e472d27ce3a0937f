import { beforeEach, describe, expect, it } from 'vitest';
import { type HearRevocation, hearRevocations } from '../../../../src/engine/devices/hear-revocations.ts';
import { type RevocationTold, revocationsTold } from '../../../../src/engine/devices/revocation-told.ts';
import { issueRevocationList } from '../../../../src/identity/crl-adapter.ts';
import { type Revocation, verifyRevocation } from '../../../../src/identity/revocation.ts';
import type { AccountUri } from '../../../../src/ids.ts';
import { REVOCATIONS_PER_MINUTE } from '../../../../src/limits.ts';
import { person } from '../../../support/engine/live-conversations.ts';
import { secondTestDevice, TEST_NOW, wholeTestAccount } from '../../../support/identity/accounts.ts';
import { only } from '../../../support/only.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

const alice = await wholeTestAccount('alice');
const phone = (await secondTestDevice('alice', 'phone')).chain.device;
const tablet = (await secondTestDevice('alice', 'tablet')).chain.device;

async function revocationOf(...devices: readonly (typeof phone)[]): Promise<Revocation> {
  const { chain, keys } = alice;
  const serials = devices.map(({ serial }) => serial);
  const list = await issueRevocationList({
    issuer: chain.account,
    key: keys.account,
    serials,
    after: [],
    now: TEST_NOW,
  });
  const issuers = chain.account.pem + chain.authority.pem;
  return verifyRevocation({ list: list.der, issuers, devices: devices.map(({ pem }) => pem) });
}

const first = await revocationOf(phone);
const second = await revocationOf(phone, tablet);
const told = (revocation: Revocation): RevocationTold => only([...revocationsTold(revocation)]);
/** Of the right form, and by nobody. */
const empty = { ...told(first), issuers: '' };

const [carol, stranger, ownPhone] = [person(3), person(5), { ...person(6), account: person(1).account }];

describe('what devices tell of revocations', () => {
  let clock: VirtualClock;
  let known: Map<AccountUri, readonly Revocation[]>;
  let people: Set<AccountUri>;
  let hear: HearRevocation;

  beforeEach(() => {
    clock = createVirtualClock();
    known = new Map();
    people = new Set([alice.device.account]);
    hear = hearRevocations({ keys: person(1), known, people: () => people, clock, log: quietLog });
  });

  async function repeat(from: typeof carol, times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) expect(await hear(empty, from)).toBeUndefined();
  }

  it('is believed when it is proved, whoever tells it', async () => {
    expect((await hear(told(first), stranger))?.account).toBe(alice.device.account);
    expect(await hear({ ...told(first), list: 'AAAA' }, carol)).toBeUndefined();
    expect(await hear('revoked!', carol)).toBeUndefined();
  });

  it('is passed over when it is about nobody we know', async () => {
    people.clear();
    expect(await hear(told(first), carol)).toBeUndefined();
  });

  it('is looked at so often in a minute of one device, which leaves the others theirs', async () => {
    await repeat(stranger, REVOCATIONS_PER_MINUTE);
    expect(await hear(told(first), stranger)).toBeUndefined();
    expect(await hear(told(first), carol)).toBeDefined();
    await clock.advance(60_000);
    expect(await hear(told(first), stranger)).toBeDefined();
  });

  it('does not count when it was told before, as every device does on each link', async () => {
    known.set(first.account, [first]);
    for (let time = 0; time <= REVOCATIONS_PER_MINUTE; time += 1)
      expect(await hear(told(first), carol)).toBeUndefined();
    expect(await hear(told(second), carol)).toBeDefined();
  });

  it('is known only when every certificate is: the list alone does not say whose the others are', async () => {
    known.set(second.account, [{ ...second, devices: new Map([[phone.longId, phone.pem]]) }]);
    expect([...((await hear(told(second), carol))?.devices.keys() ?? [])]).toEqual([phone.longId, tablet.longId]);
  });

  it('is heard of own devices and of who turns us away, however often', async () => {
    await repeat(ownPhone, REVOCATIONS_PER_MINUTE);
    expect(await hear(told(first), ownPhone)).toBeDefined();
    expect(await hear(told(first), undefined)).toBeDefined();
  });
});
