/** Nobody gets in who is not who they say. */
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { createKnownChains } from '../../../src/net/secure/known-chains.ts';
import { createSecureStreams, type ProvedStream, type SecureStreams } from '../../../src/net/secure/secure-streams.ts';
import type { Log } from '../../../src/ports.ts';
import { secondTestDevice, testAccount } from '../../support/identity/accounts.ts';
import { createTestNets, type TestNets } from '../../support/net/nets.ts';
import { addressOf } from '../../support/net/own-addresses.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { realClock } from '../../support/time/real-clock.ts';

const { signal } = new AbortController();
/** Certificates of tests hold ten years. */
const LONG_AGO = Date.UTC(2010, 0, 1);

describe('in the DHT', () => {
  let nets: TestNets;
  beforeEach(async () => {
    nets = await createTestNets();
  });
  afterEach(async () => {
    await nets[Symbol.asyncDispose]();
  });

  it('turns away who announces itself as another device', async () => {
    const [alice, bob, mallory] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('mallory')]);
    const a = await nets.add({ keys: alice });
    await nets.add({ keys: { ...mallory, device: bob.device, account: bob.account } });
    await expect(a.net.link(bob.device, { signal })).rejects.toMatchObject({
      code: 'PEER_REJECTED',
      data: { detail: `it is device ${mallory.device}` },
    });
    expect(await a.net.findDevices(bob.account, { signal })).toEqual([]);
  });

  it('turns away who shows another device’s certificates with a key of its own', async () => {
    const [alice, bob, mallory] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('mallory')]);
    const a = await nets.add({ keys: alice });
    await nets.add({ keys: { ...bob, sign: mallory.sign } });
    await expect(a.net.link(bob.device, { signal })).rejects.toMatchObject({
      code: 'PEER_REJECTED',
      data: { detail: expect.stringContaining(`its key in the DHT is not that of device ${bob.device}`) },
    });
  });

  it('still reaches the device when others announce themselves as it', async () => {
    const [alice, bob, mallory] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('mallory')]);
    const a = await nets.add({ keys: alice });
    await nets.add({ keys: { ...mallory, device: bob.device, account: bob.account } });
    await nets.add({ keys: { ...bob, sign: mallory.sign } });
    await nets.add({ keys: bob });
    expect((await a.net.link(bob.device, { signal })).peer).toEqual({ device: bob.device, account: bob.account });
    expect(await a.net.findDevices(bob.account, { signal })).toEqual([bob.device]);
  });

  it('turns away a dialer whose certificates have expired, and tells it nothing about itself', async () => {
    const [bob, old] = await Promise.all([testAccount('bob'), testAccount('old', { now: LONG_AGO })]);
    const b = await nets.add({ keys: bob });
    const o = await nets.add({ keys: old });
    await expect(o.net.link(bob.device, { signal })).rejects.toMatchObject({
      code: 'PEER_REJECTED',
      data: { detail: expect.stringContaining('hung up without saying who it is') },
    });
    expect(b.changes).toEqual([]);
  });

  it('does not link a device whose certificates have expired', async () => {
    const [alice, old] = await Promise.all([testAccount('alice'), testAccount('old', { now: LONG_AGO })]);
    const a = await nets.add({ keys: alice });
    await nets.add({ keys: old });
    await expect(a.net.link(old.device, { signal })).rejects.toMatchObject({
      code: 'PEER_REJECTED',
      data: { detail: expect.stringContaining('expired') },
    });
  });
});

describe('at the TLS handshake', () => {
  const name = '0123456789abcdef';
  let open: SecureStreams[] = [];
  let streams: Duplex[] = [];
  afterEach(async () => {
    for (const stream of streams) stream.destroy();
    await Promise.all(open.map((each) => each.close()));
    open = [];
    streams = [];
  });

  async function secure(keys: DeviceKeys, log: Log = quietLog): Promise<SecureStreams> {
    const known = createKnownChains();
    const made = await createSecureStreams({ keys, hosts: ['127.0.0.1'], known, clock: realClock, log });
    open.push(made);
    return made;
  }

  /** Dials `answerer` as `dialer`, each expecting the device it is given. What the answerer gets or rejects comes back too. */
  async function shake(
    dialer: { keys: DeviceKeys; expects: DeviceKeys },
    answerer: { keys: DeviceKeys; expects: DeviceKeys },
  ): Promise<{ dialled: PromiseSettledResult<ProvedStream>; answered: ProvedStream | string }> {
    let settle: (answered: ProvedStream | string) => void = () => {};
    const answered = new Promise<ProvedStream | string>((resolve) => {
      settle = resolve;
    });
    // A dialer that rejects hangs up, which the answerer may see as a handshake that broke.
    const tell = (_: string, data?: object) => settle(JSON.stringify(data));
    const log = { ...quietLog, debug: tell, warn: tell };
    const to = await secure(answerer.keys, log);
    to.expect({ name, device: answerer.expects.device, onStream: settle });
    const from = await secure(dialer.keys);
    const dialling = from.dial(addressOf(to), { name, device: dialer.expects.device, signal });
    const [dialled] = await Promise.allSettled([dialling]);
    if (dialled.status === 'fulfilled') streams.push(dialled.value.stream);
    const got = await answered;
    if (typeof got !== 'string') streams.push(got.stream);
    return { dialled, answered: got };
  }

  it('proves both devices to each other', async () => {
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    const { dialled, answered } = await shake({ keys: alice, expects: bob }, { keys: bob, expects: alice });
    expect(dialled).toMatchObject({ value: { peer: { device: bob.device, account: bob.account } } });
    expect(answered).toMatchObject({ peer: { device: alice.device, account: alice.account } });
  });

  it('rejects another device, even of the same account', async () => {
    const [alice, bob, second] = await Promise.all([testAccount('alice'), testAccount('bob'), secondTestDevice('bob')]);
    const { dialled } = await shake({ keys: alice, expects: bob }, { keys: second, expects: alice });
    expect(dialled).toMatchObject({
      reason: { code: 'PEER_REJECTED', data: { detail: `it is device ${second.device}, not ${bob.device}` } },
    });
  });

  it('rejects a dialer that is not the device that signalled', async () => {
    const [alice, bob, mallory] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('mallory')]);
    const { answered } = await shake({ keys: mallory, expects: bob }, { keys: bob, expects: alice });
    expect(answered).toContain(`it is device ${mallory.device}, not ${alice.device}`);
  });

  it('rejects a device certificate that its account did not sign', async () => {
    const [alice, bob, mallory] = await Promise.all([testAccount('alice'), testAccount('bob'), testAccount('mallory')]);
    const { device } = mallory.chain;
    const { account, authority } = bob.chain;
    const forged = { ...mallory, chainPem: device.pem + account.pem + authority.pem };
    const { dialled } = await shake({ keys: alice, expects: mallory }, { keys: forged, expects: alice });
    expect(dialled).toMatchObject({ reason: { code: 'PEER_REJECTED' } });
  });

  it('rejects certificates that have expired', async () => {
    const [alice, old] = await Promise.all([testAccount('alice'), testAccount('old', { now: LONG_AGO })]);
    const { dialled } = await shake({ keys: alice, expects: old }, { keys: old, expects: alice });
    expect(dialled).toMatchObject({
      reason: { code: 'PEER_REJECTED', data: { detail: expect.stringContaining('expired') } },
    });
  });

  it('rejects a dialer that shows no certificate', async () => {
    const [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
    let rejected: (reason: string) => void = () => {};
    const reason = new Promise<string>((resolve) => {
      rejected = resolve;
    });
    const to = await secure(bob, { ...quietLog, warn: (_, data) => rejected(JSON.stringify(data)) });
    to.expect({ name, device: alice.device, onStream: () => rejected('let in') });
    const { host, port } = addressOf(to);
    const bare = connectTls({ host, port, servername: name, rejectUnauthorized: false });
    bare.on('error', () => {});
    streams.push(bare);
    expect(await reason).toContain('it has 0 certificates');
  });

  it.each([undefined, 'fedcba9876543210'])('shows no certificate to who asks for %s', async (servername) => {
    const to = await secure(await testAccount('bob'));
    to.expect({ name, device: (await testAccount('alice')).device, onStream: () => {} });
    const { host, port } = addressOf(to);
    const stranger = connectTls({ host, port, ...(servername && { servername }), rejectUnauthorized: false });
    streams.push(stranger);
    const outcome = await new Promise((resolve) => {
      stranger.on('secureConnect', () => resolve('let in'));
      stranger.on('error', () => resolve('refused'));
      stranger.on('close', () => resolve('refused'));
    });
    expect(outcome).toBe('refused');
    expect(stranger.getPeerCertificate()?.raw).toBeUndefined();
  });
});
