import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OWN_ADDRESSES } from '../../../../src/limits.ts';
import { parseHostChoice } from '../../../../src/net/addresses/host-choice.ts';
import { addressStates, stateKey } from '../../../../src/net/addresses/if-inet6.ts';
import {
  addressChange,
  type OwnAddress,
  usableAddresses,
  zonedHost,
} from '../../../../src/net/addresses/own-address.ts';
import { routesTo } from '../../../../src/net/addresses/route.ts';

const at = (host: string, more: Partial<OwnAddress> = {}): OwnAddress => ({ on: 'eth0', zone: 'eth0', host, ...more });
const LO = { on: 'lo', zone: 'lo' };
const MACHINE = [
  at('127.0.0.1', LO),
  at('::1', LO),
  at('192.168.1.2'),
  at('fe80::2'),
  at('2001:db8::2'),
  at('10.8.0.2', { on: 'tun0', zone: 'tun0' }),
];
const names = (addresses: readonly OwnAddress[]) => addresses.map(zonedHost);

describe('the addresses that a device uses', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['any but the loopback', ['any'], ['2001:db8::2', '10.8.0.2', '192.168.1.2', 'fe80::2%eth0']],
    ['all of IPv4', ['0.0.0.0'], ['10.8.0.2', '192.168.1.2']],
    ['all of IPv6', ['::'], ['2001:db8::2', 'fe80::2%eth0']],
    ['the ones that are named', ['192.168.1.2', '2001:DB8:0::2'], ['2001:db8::2', '192.168.1.2']],
    ['a link-local one by its zone', ['fe80::2%eth0'], ['fe80::2%eth0']],
    ['none that the machine does not have', ['192.168.1.9'], []],
    ['any of the loopback', ['127.0.0.7'], ['127.0.0.7']],
  ])('are %s', (_, hosts, expected) => {
    expect(names(usableAddresses(MACHINE, parseHostChoice(hosts)))).toEqual(expected);
  });

  it('are of both families in turn, and begin with what reaches further', () => {
    const addresses = [at('192.0.2.1'), at('192.0.2.2'), at('2001:db8::1'), at('2001:db8::2'), at('fd00::1')];
    const expected = ['2001:db8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2', 'fd00::1'];
    expect(names(usableAddresses(addresses, ['any']))).toEqual(expected);
    expect(names(usableAddresses([at('fd00::1'), at('192.0.2.1')], ['any']))).toEqual(['192.0.2.1', 'fd00::1']);
  });

  it('are temporary ones in place of lasting ones of the same network, and none that are on their way out', () => {
    const addresses = [
      at('2001:db8::1'),
      at('2001:db8::aaaa', { state: 'temporary' }),
      at('2001:db8::bbbb', { state: 'deprecated' }),
      at('2001:db8:0:7::1'),
      at('2001:db8::cccc', { state: 'tentative' }),
    ];
    expect(names(usableAddresses(addresses, ['any']))).toEqual(['2001:db8:0:7::1', '2001:db8::aaaa']);
    expect(names(usableAddresses([at('2001:db8::bbbb', { state: 'deprecated' })], ['any']))).toEqual([
      '2001:db8::bbbb',
    ]);
    expect(names(usableAddresses(addresses, ['2001:db8::1']))).toEqual(['2001:db8::1']);
  });

  it('are the same few, in whatever order the system tells of them', () => {
    const host = fc.oneof(
      fc.ipV4(),
      fc.nat(0xffff).map((last) => `2001:db8::${last.toString(16)}`),
      fc.nat(0xffff).map((last) => `fe80::${last.toString(16)}`),
    );
    const lists = fc
      .uniqueArray(host, { maxLength: 30 })
      .chain((hosts) => fc.tuple(fc.constant(hosts), fc.shuffledSubarray(hosts, { minLength: hosts.length })));
    fc.assert(
      fc.property(lists, ([one, other]) => {
        const [usable, again] = [one, other].map((hosts) =>
          usableAddresses(
            hosts.map((each) => at(each)),
            ['any'],
          ),
        );
        expect(again).toEqual(usable);
        expect(usable?.length).toBeLessThanOrEqual(OWN_ADDRESSES);
      }),
    );
  });

  it('have changed when one came or went, and not when they are told in another order', () => {
    const [a, b, c] = [at('192.0.2.1'), at('192.0.2.2'), at('192.0.2.3')];
    expect(addressChange([a, b], [b, a])).toBeUndefined();
    expect(addressChange([a, b], [{ ...a, state: 'deprecated' }, b])).toBeUndefined();
    expect(addressChange([a, b], [b, c])).toEqual({ come: [c], gone: [a] });
  });

  it.each(['', 'localhost', '192.168.1', 'fe80::1%', '999.1.1.1'])('are not named %j', (text) => {
    expect(() => parseHostChoice(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe("Linux's list of IPv6 addresses", () => {
  it('says which are temporary, on their way out, or not usable yet', () => {
    const states = addressStates(
      [
        '00000000000000000000000000000001 01 80 10 80       lo',
        '20010db8000000000000000000000001 02 40 00 01     eth0',
        '20010db8000000000000000000000002 02 40 00 21     eth0',
        'fe800000000000000000000000000003 02 40 20 c0     wlan0.7',
        'something else',
        '',
      ].join('\n'),
    );
    expect([...states]).toEqual([
      [stateKey({ on: 'eth0', host: '2001:db8::1' }), 'temporary'],
      [stateKey({ on: 'eth0', host: '2001:db8::2' }), 'deprecated'],
      [stateKey({ on: 'wlan0.7', host: 'fe80::3' }), 'tentative'],
    ]);
  });
});

describe('the ways to an address', () => {
  it.each<[string, string, boolean]>([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '192.168.1.4', false],
    ['::1', 'fd00::4', false],
    ['::ffff:127.0.0.1', 'fd00::4', false],
    ['8.8.8.8', '127.0.0.1', false],
    ['192.168.1.9', '192.168.1.4', true],
    ['2001:db8::9', '192.168.1.4', false],
    ['224.0.0.1', '192.168.1.4', false],
    ['255.255.255.255', '192.168.1.4', false],
    ['0.0.0.0', '192.168.1.4', false],
    ['::', 'fd00::4', false],
    ['ff02::1', 'fd00::4', false],
    ['fe80::9', 'fd00::4', false],
    ['fd00::9', 'fe80::4', false],
    ['somewhere', '192.168.1.4', false],
  ])('to %s from %s are there: %s', (address, own, expected) => {
    expect(routesTo(address, [at(own)], [own]).length > 0).toBe(expected);
  });

  it('begin at each address that was chosen, and where the system likes when all were', () => {
    const own = [at('192.168.1.2'), at('10.8.0.2')];
    expect(routesTo('192.0.2.7', own, ['192.168.1.2', '10.8.0.2'])).toEqual([
      { host: '192.0.2.7', localAddress: '192.168.1.2' },
      { host: '192.0.2.7', localAddress: '10.8.0.2' },
    ]);
    expect(routesTo('192.0.2.7', own, ['any'])).toEqual([{ host: '192.0.2.7' }]);
  });

  it('go to a link-local address on every network that this machine is on', () => {
    const own = [at('fe80::2'), at('fe80::2', { on: 'wlan0', zone: 'wlan0' }), at('192.168.1.2')];
    expect(routesTo('fe80::7', own, ['any'])).toEqual([
      { host: 'fe80::7%eth0', localAddress: 'fe80::2%eth0' },
      { host: 'fe80::7%wlan0', localAddress: 'fe80::2%wlan0' },
    ]);
  });
});
