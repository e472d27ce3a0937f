/** A place on a real relay, and what becomes of it. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import type { Address } from '../../../src/net/address.ts';
import { openTcpRelay, type TcpRelay, type TcpRelayOptions } from '../../../src/net/turn/tcp-relay.ts';
import { connectToTurn } from '../../../src/net/turn/turn-connection-adapter.ts';
import type { TurnServer } from '../../../src/net/turn/turn-server.ts';
import { quietLog } from '../quiet-log.ts';
import { patience } from '../time/patience.ts';
import { realClock, realRandom } from '../time/real-clock.ts';
import { until } from '../time/until.ts';

export interface RelayPlace {
  readonly relay: TcpRelay;
  /** Connections of peers, in their order. */
  readonly arrived: { readonly stream: Duplex; readonly peer: Address }[];
  readonly lost: string[];
}

/** Until the test is over. */
export async function placeOn(server: TurnServer, options: Partial<TcpRelayOptions> = {}): Promise<RelayPlace> {
  const arrived: RelayPlace['arrived'] = [];
  const lost: string[] = [];
  const relay = await openTcpRelay({
    server,
    connect: (to, signal) => connectToTurn(to, { signal }),
    ...{ clock: realClock, random: realRandom, log: quietLog },
    opening: patience(),
    onConnection: (stream, peer) => void arrived.push({ stream, peer }),
    onLost: (reason) => void lost.push(reason),
    ...options,
  });
  onTestFinished(() => {
    relay.close();
    for (const { stream } of arrived) stream.destroy();
  });
  return { relay, arrived, lost };
}

/**
 * What is written to either end comes out at the other, in one direction after the other: coturn stops for good reading
 * from both when each direction has more than it wants to hold at once.
 */
export async function expectBytesBothWays(one: Duplex, other: Duplex): Promise<void> {
  await expectBytes(one, other);
  await expectBytes(other, one);
}

async function expectBytes(from: Duplex, to: Duplex): Promise<void> {
  const bytes = randomBytes(1_000_000);
  const chunks: Buffer[] = [];
  let received = 0;
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
  };
  for (const end of [from, to]) end.on('error', () => {});
  to.on('data', onData).resume();
  from.write(bytes);
  await until(() => received >= bytes.length);
  to.off('data', onData);
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
}
