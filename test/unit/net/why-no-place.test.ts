import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { DOCTOR_STUN_MS } from '../../../src/limits.ts';
import { whyNoPlaceByUdp } from '../../../src/net/doctor/why-no-place.ts';
import type { TurnServer } from '../../../src/net/turn/turn-server.ts';
import { realRandom } from '../../support/time/real-clock.ts';
import { until } from '../../support/time/until.ts';
import { createVirtualClock } from '../../support/time/virtual-clock.ts';

const serverAt = (port: number): TurnServer => ({
  address: { host: '127.0.0.1', port },
  transports: ['udp'],
  login: { kind: 'static', username: 'peer', password: 'only-for-this-test' },
});

function ask(server: TurnServer) {
  const clock = createVirtualClock();
  const { signal } = new AbortController();
  return { clock, answered: whyNoPlaceByUdp(server, { from: '127.0.0.1', clock, random: realRandom, signal }) };
}

it('says of a relay that hears and does not answer that it is silent, once it was asked more than once', async () => {
  const silent = createSocket('udp4');
  onTestFinished(() => void silent.close());
  const heard: string[] = [];
  silent.on('message', (bytes) => heard.push(bytes.toString('hex')));
  await once(silent.bind(0, '127.0.0.1'), 'listening');
  const { clock, answered } = ask(serverAt(silent.address().port));
  await until(() => heard.length > 1);
  expect(new Set(heard).size).toBe(1);
  await clock.advance(DOCTOR_STUN_MS);
  expect((await answered).message).toBe(
    'The relay cannot be reached: it does not answer; look whether firewalls let UDP through.',
  );
});

it('says that nobody listens at the port', async () => {
  const gone = createSocket('udp4');
  await once(gone.bind(0, '127.0.0.1'), 'listening');
  const { port } = gone.address();
  await new Promise<void>((resolve) => gone.close(() => resolve()));
  const { message } = await ask(serverAt(port)).answered;
  expect(message).toContain('nothing listens for UDP');
});
