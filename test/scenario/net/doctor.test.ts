/** The doctor with a real relay and a real DHT, on the loopback. */
import { expect, it } from 'vitest';
import { examineNetwork } from '../../../src/net/doctor/examine-network.ts';
import { createLocalDht } from '../../../src/net/hyperdht-adapter.ts';
import type { TurnServer } from '../../../src/net/turn/turn-server.ts';
import { coturn, describeNeeding } from '../../support/needs.ts';
import { quietLog } from '../../support/nets.ts';
import { patience } from '../../support/patience.ts';
import { realClock, realRandom } from '../../support/real-clock.ts';
import { startTurnServer } from '../../support/turn-server.ts';

/** Nobody listens there. */
const SILENT = { host: '127.0.0.1', port: 9 };

describeNeeding(coturn, 'the doctor', () => {
  it('says of each relay and transport whether it works with its password, and what the DHT sees', async () => {
    await using turn = await startTurnServer({ hosts: ['127.0.0.1', '127.0.0.2'], tellsOfNats: true });
    await using dht = await createLocalDht({ host: '127.0.0.1', port: 0 });
    const right: TurnServer = { ...turn.server('tcp'), transports: ['udp', 'tcp'] };
    const wrong: TurnServer = {
      ...turn.server('tcp'),
      login: { kind: 'static', username: 'peer', password: 'not that one' },
    };
    const findings = await examineNetwork({
      portMapping: false,
      ...{ hosts: ['127.0.0.1'], bootstrap: [dht], relays: [right, wrong], stun: [SILENT], writtenAt: undefined },
      ...{ clock: realClock, random: realRandom, log: quietLog, signal: patience() },
    });
    const of = (check: string) => findings.filter((finding) => finding.check === check);
    const relays = of('relay').map(({ subject, outcome }) => `${subject.split(' ').pop()} ${outcome}`);
    expect(relays).toEqual(['udp ok', 'tcp ok', 'tcp problem']);
    expect(of('relay').at(-1)?.says).toContain('user name and password');
    expect(of('dht')).toMatchObject([{ outcome: 'ok' }]);
    expect(of('relay')[1]?.says).toMatch(/carries bytes there and back/);
    const nat = of('nat').map(({ outcome, says }) => `${outcome} ${says}`);
    expect(nat).toContainEqual(expect.stringMatching(/^ok .*own address by UDP: there is no NAT/));
    expect(nat).toContainEqual(expect.stringMatching(/^ok by UDP anybody/));
    expect(of('nat').filter(({ outcome }) => outcome !== 'ok')).toMatchObject([{ subject: '127.0.0.1:9' }]);
    expect(of('ports')).toMatchObject([{ outcome: 'ok' }]);
  });
});
