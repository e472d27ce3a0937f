/** The doctor with a real relay, a real DHT and a real gate, on the loopback. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createLocalDht } from '../../../src/net/dht/local-dht-adapter.ts';
import { examineNetwork } from '../../../src/net/doctor/examine-network.ts';
import { examineRelays } from '../../../src/net/doctor/examine-relays.ts';
import { openGate } from '../../../src/net/gate/gate-adapter.ts';
import type { TurnServer } from '../../../src/net/turn/turn-server.ts';
import { temporaryFolder } from '../../support/cli/built-program.ts';
import { makeCertificate, startTurnServer } from '../../support/net/turn-server.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { coturn, describeNeeding, ipv6 } from '../../support/runner/needs.ts';
import { patience } from '../../support/time/patience.ts';
import { realClock, realRandom } from '../../support/time/real-clock.ts';

/** Nobody listens there. */
const SILENT = { host: '127.0.0.1', port: 9 };
const usual = () => ({
  ...{ portMapping: false, relays: [], stun: [], writtenAt: undefined },
  ...{ clock: realClock, random: realRandom, log: quietLog, signal: patience() },
});

describeNeeding(coturn, 'the doctor', () => {
  it('says of each relay and transport whether it works with its password, and what the DHT sees', async () => {
    await using turn = await startTurnServer({ hosts: ['127.0.0.1', '127.0.0.2'], tellsOfNats: true });
    await using dht = await createLocalDht({ host: '127.0.0.1', port: 0 });
    const right: TurnServer = { ...turn.server('tcp'), transports: ['udp', 'tcp'] };
    const findings = await examineNetwork({
      ...usual(),
      ...{ hosts: ['127.0.0.1'], bootstrap: [dht], relays: [right], stun: [SILENT] },
    });
    const of = (check: string) => findings.filter((finding) => finding.check === check);
    const relays = of('relay').map(({ subject, outcome }) => `${subject.split(' ').pop()} ${outcome}`);
    expect(relays).toEqual(['udp ok', 'tcp ok']);
    expect([...of('dht'), ...of('gate')]).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
    expect(of('relay')[1]?.says).toMatch(/carries bytes there and back/);
    const nat = of('nat').map(({ outcome, says }) => `${outcome} ${says}`);
    expect(nat).toContainEqual(expect.stringMatching(/^ok .*own address by UDP: there is no NAT/));
    expect(nat).toContainEqual(expect.stringMatching(/^ok by UDP anybody/));
    expect(of('nat').filter(({ outcome }) => outcome !== 'ok')).toMatchObject([{ subject: '127.0.0.1:9' }]);
    expect(of('ports')).toMatchObject([{ outcome: 'ok' }]);
  });

  it('says that a relay does not take the password, over each transport', async () => {
    using folder = temporaryFolder();
    const certificate = makeCertificate(folder.path, ['127.0.0.1']);
    await using plain = await startTurnServer();
    await using secure = await startTurnServer({ certificate });
    const wrong = (server: TurnServer): TurnServer => ({
      ...server,
      login: { kind: 'static', username: 'peer', password: 'not that one' },
      authorities: [readFileSync(certificate.certificate, 'utf8')],
    });
    const relays = [wrong(plain.server('udp')), wrong(plain.server('tcp')), wrong(secure.server('tls'))];
    const found = await examineRelays(relays, { ...usual(), hosts: ['127.0.0.1'] });
    const wrongCredentials = { outcome: 'problem', says: expect.stringMatching(/401 .*wrong credentials/) };
    expect(found).toMatchObject([wrongCredentials, wrongCredentials, wrongCredentials]);
  });
});

describeNeeding(ipv6, 'the doctor of a device that has IPv6 alone', () => {
  it('finds nothing wrong as long as a gate lets it in', async () => {
    const gate = await openGate({ hosts: ['::1'], port: 0, clock: realClock });
    const look = async () => {
      const bootstrap = [{ host: '::1', port: gate.port }];
      const findings = await examineNetwork({ ...usual(), hosts: ['::1'], bootstrap });
      return findings.filter(({ check }) => check === 'dht' || check === 'gate').map(({ outcome }) => outcome);
    };
    expect(await look()).toEqual(['note', 'ok']);
    await gate.close();
    expect(await look()).toEqual(['problem', 'problem']);
  });
});
