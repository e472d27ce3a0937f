import { describe, expect, it } from 'vitest';
import { dialableHosts } from '../../../../src/engine/commits/dialable-hosts.ts';
import type { OwnAddress } from '../../../../src/net/addresses/own-address.ts';

const own = (on: string, host: string): OwnAddress => ({ on, host, zone: on });
const MACHINE = [
  own('lo', '127.0.0.1'),
  own('lo', '::1'),
  own('eth0', '192.168.1.7'),
  own('eth0', 'fe80::1'),
  own('eth0', '2001:db8::7'),
];

describe('where somebody is met who listens', () => {
  it.each([
    ['192.168.1.7', ['192.168.1.7']],
    ['localhost', ['localhost']],
    ['0.0.0.0', ['192.168.1.7', '127.0.0.1']],
    ['::', ['2001:db8::7', '192.168.1.7', '127.0.0.1', '::1']],
    ['any', ['2001:db8::7', '192.168.1.7', '127.0.0.1', '::1']],
  ])('on %s', (host, hosts) => {
    expect(dialableHosts(host, MACHINE)).toEqual(hosts);
  });

  it('is this machine alone where there is no network', () => {
    expect(dialableHosts('any', [own('lo', '127.0.0.1')])).toEqual(['127.0.0.1']);
  });
});
