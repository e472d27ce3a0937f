import { Duplex } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { HANDSHAKES_PER_ADDRESS } from '../../../../src/limits.ts';
import { createUnproved } from '../../../../src/net/secure/unproved-adapter.ts';

/** A connection whose handshake never ends. */
function connection(remotePort: number, remoteAddress: string): Duplex {
  const stream = new Duplex({ read() {}, write: (_, __, done) => done() });
  return Object.assign(stream, { localPort: 1, remoteAddress, remotePort });
}

it('holds few unfinished handshakes of one machine, from however many IPv6 addresses of its network they come', () => {
  const unproved = createUnproved(60_000);
  onTestFinished(() => unproved.destroyAll());
  const [oldest, ...others] = Array.from({ length: HANDSHAKES_PER_ADDRESS }, (_, n) =>
    connection(n + 1, `2a00:1:2:3::${n + 1}`),
  );
  const elsewhere = connection(1000, '2a00:1:2:4::1');
  for (const one of [oldest, ...others, elsewhere]) if (one) unproved.add(one);
  expect([oldest, ...others, elsewhere].filter((one) => one?.destroyed)).toEqual([]);
  unproved.add(connection(1001, '2a00:1:2:3:4:5:6:7'));
  expect([oldest, ...others, elsewhere].filter((one) => one?.destroyed)).toEqual([oldest]);
});
