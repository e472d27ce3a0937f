import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { GATE_ENTRY_MS } from '../../../../src/limits.ts';
import { type Gate, openGate } from '../../../../src/net/gate/gate-adapter.ts';
import { until } from '../../../support/time/until.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const HOST = '127.0.0.1';
/** Instead of `GATE_CONNECTIONS` and `GATE_CONNECTIONS_PER_ADDRESS`: as little as shows which of the two is short. */
const ROOM = { inAll: 5, each: 3 };

async function come(gate: Gate, localAddress = HOST): Promise<Socket> {
  const socket = connect({ port: gate.port, host: HOST, localAddress }).on('error', () => {});
  await once(socket, 'connect');
  return socket.resume();
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

it('a gate hangs up on who has too many connections to it, whatever they are for', async () => {
  const gate = await openGate({ hosts: [HOST], port: 0, clock: createVirtualClock(), room: ROOM });
  const sockets = await Promise.all(Array.from({ length: ROOM.each + 1 }, () => come(gate)));
  await until(() => sockets.some(({ closed }) => closed));
  expect(sockets.filter(({ closed }) => closed)).toHaveLength(1);
  await gate.close();
  for (const socket of sockets) socket.destroy();
});

it('a gate hangs up on who comes when it is full, from wherever', async () => {
  const gate = await openGate({ hosts: [HOST], port: 0, clock: createVirtualClock(), room: ROOM });
  const sockets: Socket[] = [];
  // Each from an address of its own.
  for (let n = 0; n <= ROOM.inAll; n += 1) sockets.push(await come(gate, `127.0.1.${n + 1}`));
  await until(() => sockets.some(({ closed }) => closed));
  expect(sockets.map(({ closed }) => closed)).toEqual(sockets.map((_, n) => n === ROOM.inAll));
  await gate.close();
  for (const socket of sockets) socket.destroy();
});

it('a gate has one port at all its addresses, and says when it cannot', async () => {
  const gate = await openGate({ hosts: [HOST], port: 0, clock: createVirtualClock() });
  const second = openGate({ hosts: ['127.0.0.2', HOST], port: gate.port, clock: createVirtualClock() });
  await expect(second).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  await gate.close();
});
