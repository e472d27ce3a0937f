/** Everything that a relay may answer, from one real relay: over TCP and TLS, by IPv4 and IPv6. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { DataPeer, useDataChannels } from '../../../src/net/data-channel/data-channel-adapter.ts';
import { newCredentials } from '../../../src/net/signalling/description.ts';
import { connectToTurn } from '../../../src/net/turn/turn-connection-adapter.ts';
import { credentialsFor, type TurnServer } from '../../../src/net/turn/turn-server.ts';
import { createTurnSession, type TurnRealm } from '../../../src/net/turn/turn-session.ts';
import type { Clock } from '../../../src/ports.ts';
import { temporaryFolder } from '../../support/cli/built-program.ts';
import { expectBytesBothWays, placeOn } from '../../support/net/relay-place.ts';
import { makeCertificate, type RunningTurnServer, startTurnServer } from '../../support/net/turn-server.ts';
import { coturn, describeNeeding } from '../../support/runner/needs.ts';
import { thrownBy } from '../../support/thrown.ts';
import { patience } from '../../support/time/patience.ts';
import { realClock, realRandom } from '../../support/time/real-clock.ts';
import { until } from '../../support/time/until.ts';

const HOSTS = { 4: '127.0.0.1', 6: '::1' } as const;
const PLACES_EACH = 6;

describeNeeding(coturn, 'a relay', () => {
  const folder = temporaryFolder();
  let turn: RunningTurnServer;
  let authority = '';

  beforeAll(async () => {
    const certificate = makeCertificate(folder.path, Object.values(HOSTS));
    authority = readFileSync(certificate.certificate, 'utf8');
    const limits = ['--stale-nonce=1', `--user-quota=${PLACES_EACH}`];
    turn = await startTurnServer({ certificate, hosts: Object.values(HOSTS), arguments: limits });
  });
  afterAll(async () => {
    await turn?.stop();
    folder[Symbol.dispose]();
  });

  function serverAt(family: 4 | 6, transport: 'tcp' | 'tls'): TurnServer {
    const { login, address } = turn.server(transport);
    return { login, address: { ...address, host: HOSTS[family] }, transports: [transport], authorities: [authority] };
  }

  it.each([
    [4, 'tcp'],
    [4, 'tls'],
    [6, 'tcp'],
    [6, 'tls'],
  ] as const)('carries bytes by IPv%s over %s', async (family, transport) => {
    const { relay, arrived } = await placeOn(serverAt(family, transport), { family });
    expect(relay.relayed.host).toBe(HOSTS[family]);
    await relay.permit(HOSTS[family]);
    const peer = connect(relay.relayed.port, relay.relayed.host);
    onTestFinished(() => void peer.destroy());
    await until(() => arrived.length > 0);
    for (const { stream } of arrived) await expectBytesBothWays(peer, stream);
  });

  it('is not believed over TLS when nobody vouches for it', async () => {
    const { authorities: _, ...unknown } = serverAt(4, 'tls');
    const { message } = await thrownBy('RELAY_LOST', () => placeOn(unknown));
    expect(message).toMatch(/certificate/);
  });

  it('says in words what is wrong with the password, and that a name has all its places', async () => {
    const server = serverAt(4, 'tcp');
    const wrong = { ...server, login: { kind: 'static', username: 'peer', password: 'wrong' } as const };
    expect((await thrownBy('RELAY_REFUSED', () => placeOn(wrong))).message).toContain('wrong credentials');
    const openAll = async () => {
      for (let count = 0; count <= PLACES_EACH; count += 1) await placeOn(server);
    };
    const { data, message } = await thrownBy('RELAY_REFUSED', openAll);
    expect(data).toMatchObject({ status: 486 });
    expect(message).toContain('quota');
  });

  it('is answered when its challenge has grown old', async () => {
    const server = serverAt(4, 'tcp');
    const signal = patience();
    const realm: TurnRealm = {};
    const session = createTurnSession({
      ...{
        stream: await connectToTurn(server, { signal }),
        credentials: credentialsFor(server.login, realClock.now()),
      },
      ...{ realm, clock: realClock, random: realRandom },
    });
    onTestFinished(() => session.close());
    await session.request('allocate', { transport: 6 }, { signal });
    const first = realm.current?.nonce;
    expect(first).toBeDefined();
    await until(async () => {
      await session.request('refresh', { lifetime: 600 }, { signal });
      return realm.current?.nonce !== first;
    });
  });

  it('keeps a place beyond its lifetime and that of a permission, as long as it is wanted', async () => {
    let renewals = 0;
    const hurried: Clock = {
      now: realClock.now,
      async wait(ms, signal) {
        const isRenewal = ms > 60_000;
        await realClock.wait(isRenewal ? 20 : ms, signal);
        if (isRenewal) renewals += 1;
      },
    };
    const { relay, lost } = await placeOn(serverAt(4, 'tcp'), { clock: hurried });
    await relay.permit(HOSTS[4]);
    await until(() => renewals > 6);
    await relay.permit('127.0.0.2');
    expect(lost).toEqual([]);
  });
});

describeNeeding(coturn, 'a relay of another configuration', () => {
  it('with a shared secret keeps a place under the name it was reserved with, whatever the time is', async () => {
    const login = { kind: 'secret', username: 'peer', secret: randomBytes(16).toString('hex') } as const;
    await using turn = await startTurnServer({ login });
    let later = 0;
    const { relay } = await placeOn(turn.server('tcp'), {
      clock: { ...realClock, now: () => realClock.now() + later },
    });
    later = 5000;
    await relay.permit('127.0.0.1');
  });

  it('has no place for IPv6 where it has only IPv4, and gives one of that', async () => {
    await using turn = await startTurnServer();
    const { relay } = await placeOn(turn.server('tcp'), { family: 6 });
    expect(relay.relayed.host).toBe('127.0.0.1');
  });

  it('says when it has no room at all', async () => {
    await using turn = await startTurnServer({ arguments: ['--min-port=40990', '--max-port=40990'] });
    const openTwo = async () => {
      for (let count = 0; count < 3; count += 1) await placeOn(turn.server('tcp'));
    };
    const { data } = await thrownBy('RELAY_REFUSED', openTwo);
    expect(data).toMatchObject({ status: 508 });
  });

  it('gives a place to UDP for a name made of a secret, though another relay does not answer', async () => {
    const made = { kind: 'secret', username: 'peer', secret: randomBytes(16).toString('hex') } as const;
    await using turn = await startTurnServer({ login: made });
    const done = useDataChannels();
    const silent = { host: '127.0.0.1', port: 9, username: 'peer', password: '' };
    const { address, login } = turn.server('udp');
    const relays = [silent, { ...address, ...credentialsFor(login, realClock.now()) }];
    const peer = new DataPeer({
      bindAddress: '127.0.0.1',
      credentials: newCredentials(realRandom),
      offer: undefined,
      relays,
    });
    const { candidates } = await peer.describe(realClock.wait(60_000, patience()));
    expect(candidates).toContainEqual(expect.objectContaining({ type: 'relay', transport: 'udp' }));
    peer.close();
    done();
  });
});
