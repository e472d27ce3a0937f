/** Real gates, of which a device enters each that it was given, and again when one was started anew. */
import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { GATE_REENTRY_FIRST_MS } from '../../../src/limits.ts';
import { dhtKeyOf } from '../../../src/net/dht/hyperdht-adapter.ts';
import { type Gate, openGate } from '../../../src/net/gate/gate-adapter.ts';
import { createGateConnections } from '../../../src/net/gate/gate-connections-adapter.ts';
import { enterGates, type Gates } from '../../../src/net/gate/gates.ts';
import type { Clock } from '../../../src/ports.ts';
import { ownAddresses } from '../../support/net/own-addresses.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { patience } from '../../support/time/patience.ts';
import { realRandom } from '../../support/time/real-clock.ts';
import { until } from '../../support/time/until.ts';
import { createVirtualClock } from '../../support/time/virtual-clock.ts';

const HOST = '127.0.0.1';
const TOPIC = new Uint8Array(32).fill(7);

/** On a busy machine everything takes long: time stands still unless a test moves it on. */
const stillClock = () => createVirtualClock();

async function open(port = 0): Promise<Gate> {
  const gate = await openGate({ hosts: [HOST], port, clock: stillClock() });
  onTestFinished(() => gate.close());
  return gate;
}

interface Device {
  readonly gates: Gates;
  /** As others find it. */
  readonly key: string;
}

function enter(at: readonly Gate[], clock: Clock = stillClock()): Device {
  const over = new AbortController();
  const seed = randomBytes(32);
  const key = dhtKeyOf(seed);
  const gates = enterGates({
    gates: at.map(({ port }) => ({ host: HOST, port })),
    connections: createGateConnections({ seed, own: ownAddresses(HOST), clock }),
    ...{ ownKey: key, topics: [TOPIC], clock, random: realRandom, log: quietLog, signal: over.signal },
    onStream() {},
    onEnteredAgain() {},
  });
  onTestFinished(() => {
    over.abort();
    gates.close();
  });
  return { gates, key: `dht ${Buffer.from(key).toString('hex')}` };
}

async function foundBy({ gates }: Device): Promise<readonly string[]> {
  return (await gates.discovery.lookUp(TOPIC, { signal: patience() })).map(({ key }) => key).sort();
}

it('a device at two gates meets who is at either; those who share none do not meet', async () => {
  const [first, second] = await Promise.all([open(), open()]);
  const [both, one, other] = [enter([first, second]), enter([first]), enter([second])];
  await Promise.all([both, one, other].map(({ gates }) => gates.tried));
  expect(await foundBy(both)).toEqual([one.key, other.key].sort());
  expect(await foundBy(one)).toEqual([both.key]);
  expect(await foundBy(other)).toEqual([both.key]);
});

it('a gate that is started again has its devices back', async () => {
  const clock = createVirtualClock();
  const before = await open();
  const [alice, bob] = [enter([before], clock), enter([before], clock)];
  await Promise.all([alice, bob].map(({ gates }) => gates.tried));
  expect(await foundBy(alice)).toEqual([bob.key]);
  await before.close();
  await until(() => [alice, bob].every(({ gates }) => gates.entered().length === 0));
  await open(before.port);
  // The longest first wait, and no further: on this clock, time would be up for those who are coming in.
  await clock.advance(GATE_REENTRY_FIRST_MS);
  await until(() => [alice, bob].every(({ gates }) => gates.entered().length > 0));
  expect(await foundBy(alice)).toEqual([bob.key]);
});
