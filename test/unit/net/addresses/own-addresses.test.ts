import { describe, expect, it } from 'vitest';
import { INTERFACES_MS } from '../../../../src/limits.ts';
import { type AddressChange, type OwnAddress, zonedHost } from '../../../../src/net/addresses/own-address.ts';
import { createOwnAddresses } from '../../../../src/net/addresses/own-addresses.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const WIRE: OwnAddress = { on: 'eth0', zone: 'eth0', host: '192.168.1.2' };
const NEIGHBOURLY: OwnAddress = { ...WIRE, host: 'fe80::2' };
const WIRELESS: OwnAddress = { on: 'wlan0', zone: 'wlan0', host: '192.168.7.9' };

function watched(hosts: readonly string[]) {
  const clock = createVirtualClock();
  const over = new AbortController();
  const machine = { now: [WIRE, NEIGHBOURLY] };
  const readInterfaces = () => machine.now;
  const own = createOwnAddresses({ hosts, readInterfaces, clock, log: quietLog, signal: over.signal });
  const changes: AddressChange[] = [];
  own.watch((change) => changes.push(change));
  return { own, clock, over, machine, changes };
}

const look = ({ clock }: ReturnType<typeof watched>) => clock.advance(INTERFACES_MS);

describe('the own addresses', () => {
  it('are what the machine has now, and who watches hears of what came and what went', async () => {
    const test = watched(['any']);
    await look(test);
    expect(test.changes).toEqual([]);
    test.machine.now = [WIRELESS];
    await look(test);
    expect(test.own.list({ isLocal: true }).map(zonedHost)).toEqual(['192.168.7.9']);
    expect(test.changes).toEqual([{ come: [WIRELESS], gone: [WIRE, NEIGHBOURLY] }]);
  });

  it('that were not chosen may come and go', async () => {
    const test = watched(['192.168.1.2']);
    test.machine.now = [WIRE, WIRELESS];
    await look(test);
    expect(test.changes).toEqual([]);
  });

  it('are not looked at any more when it is over', async () => {
    const test = watched(['any']);
    test.over.abort();
    test.machine.now = [WIRELESS];
    await look(test);
    expect(test.changes).toEqual([]);
  });

  it('that are link-local are for peers on the same network', () => {
    const { own } = watched(['any']);
    expect(own.list({ isLocal: false })).toEqual([WIRE]);
    expect(own.routesTo('fe80::7', { isLocal: false })).toEqual([]);
    expect(own.routesTo('fe80::7', { isLocal: true })).toHaveLength(1);
  });
});
