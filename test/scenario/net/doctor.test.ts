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

describeNeeding(coturn, 'the doctor', () => {
  it('says of each relay and transport whether it works with its password, and what the DHT sees', async () => {
    await using turn = await startTurnServer();
    await using dht = await createLocalDht({ host: '127.0.0.1', port: 0 });
    const right: TurnServer = { ...turn.server('tcp'), transports: ['udp', 'tcp'] };
    const wrong: TurnServer = {
      ...turn.server('tcp'),
      login: { kind: 'static', username: 'peer', password: 'not that one' },
    };
    const findings = await examineNetwork({
      ...{ hosts: ['127.0.0.1'], bootstrap: [dht], relays: [right, wrong], writtenAt: undefined },
      ...{ clock: realClock, random: realRandom, log: quietLog, signal: patience() },
    });
    const of = (check: string) => findings.filter((finding) => finding.check === check);
    const relays = of('relay').map(({ subject, outcome }) => `${subject.split(' ').pop()} ${outcome}`);
    expect(relays).toEqual(['udp ok', 'tcp ok', 'tcp problem']);
    expect(of('relay').at(-1)?.says).toContain('user name and password');
    expect(of('dht')).toMatchObject([{ outcome: 'ok' }]);
    expect(of('nat').every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(of('ports')).toMatchObject([{ outcome: 'ok' }]);
  });
});
