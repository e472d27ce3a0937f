import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { GATE_ENTRY_MS } from '../../../../src/limits.ts';
import { type Gate, openGate } from '../../../../src/net/gate/gate-adapter.ts';
import { createGateConnections } from '../../../../src/net/gate/gate-connections-adapter.ts';
import { enterGate, type GateSession } from '../../../../src/net/gate/gate-session.ts';
import { ownAddresses } from '../../../support/net/own-addresses.ts';
import { patience } from '../../../support/time/patience.ts';
import { realClock } from '../../../support/time/real-clock.ts';
import { until } from '../../../support/time/until.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const HOST = '127.0.0.1';
/** In place of `GATE_CONNECTIONS`, `GATE_CONNECTIONS_PER_RANGE` and `GATE_CONNECTIONS_PER_ADDRESS`. */
const SHARES = { inAll: 5, eachRange: 4, each: 3 };

async function come(gate: Gate, localAddress = HOST): Promise<Socket> {
  const socket = connect({ port: gate.port, host: HOST, localAddress }).on('error', () => {});
  await once(socket, 'connect');
  return socket.resume();
}

/** Comes in as a device does. */
async function enter(gate: Gate): Promise<GateSession> {
  const connections = createGateConnections({ seed: randomBytes(32), own: ownAddresses(HOST), clock: realClock });
  const { signal } = new AbortController();
  const stream = await connections.toGate({ host: HOST, port: gate.port }, { signal: patience() });
  const session = await enterGate(stream, {
    ...{ topics: [], clock: realClock, signal, entering: patience() },
    onIncoming() {},
  });
  onTestFinished(() => {
    session.close();
    connections.close();
  });
  return session;
}

it('a gate hangs up on who says what it does not know, or nothing', async () => {
  const clock = createVirtualClock();
  const gate = await openGate({ hosts: [HOST], port: 0, clock });
  const [stranger, silent] = await Promise.all([come(gate), come(gate)]);
  const ended = once(stranger, 'close');
  stranger.write('GET / HTTP/1.1\r\n\r\n');
  await ended;
  expect(silent.closed).toBe(false);
  // Its time begins when the gate has seen it.
  await until(async () => {
    await clock.advance(GATE_ENTRY_MS);
    return silent.closed;
  });
  await gate.close();
});

it('a gate has a place for a device however many connections say nothing, and none goes that shows who it is', async () => {
  const gate = await openGate({ hosts: [HOST], port: 0, clock: createVirtualClock(), shares: SHARES });
  const guests = [await enter(gate), await enter(gate)];
  const silent: Socket[] = [];
  for (let n = 0; n < SHARES.inAll; n += 1) silent.push(await come(gate, `127.0.${n + 1}.1`));
  guests.push(await enter(gate));
  expect(guests.map(({ ended }) => ended.aborted)).toEqual([false, false, false]);
  // Those that came first, one for each that the places do not suffice for.
  await until(() => silent.filter(({ closed }) => closed).length === guests.length);
  await gate.close();
});

it('a gate hangs up on who comes from where all places have guests', async () => {
  const gate = await openGate({ hosts: [HOST], port: 0, clock: createVirtualClock(), shares: SHARES });
  for (let n = 0; n < SHARES.each; n += 1) await enter(gate);
  const late = await come(gate);
  await until(() => late.closed);
  await gate.close();
});

it('a gate has one port at all its addresses, and says when it cannot', async () => {
  const gate = await openGate({ hosts: [HOST], port: 0, clock: createVirtualClock() });
  const second = openGate({ hosts: ['127.0.0.2', HOST], port: gate.port, clock: createVirtualClock() });
  await expect(second).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  await gate.close();
});
