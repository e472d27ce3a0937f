import { describe, expect, it } from 'vitest';
import { linkKindOf } from '../../../src/net/link-kind.ts';

const LAN = [
  '127.0.0.1:80',
  '127.255.0.9:1',
  '10.1.2.3:4000',
  '172.16.0.1:1',
  '172.31.255.255:1',
  '192.168.1.20:65535',
  '169.254.7.7:1',
  '::1:4000',
  '[::1]:4000',
  'fd12:3456::1:4000',
  'fc00::9:1',
  'fe80::1%eth0:4000',
  '[FEBF::1]:4000',
  '::ffff:192.168.0.4:4000',
];
const DIRECT = [
  '8.8.8.8:53',
  '172.15.0.1:1',
  '172.32.0.1:1',
  '192.169.0.1:1',
  '100.64.0.1:1',
  '11.0.0.1:1',
  '127.example.org:80',
  '2001:db8::1:4000',
  'fec0::1:4000',
  'fe80.example.org:80',
  '::ffff:8.8.4.4:4000',
  '::1:0:0:4000',
  '',
  'nonsense',
];

describe('the kind of a link', () => {
  it.each(LAN)('is the local network for %j', (remote) => expect(linkKindOf(remote)).toBe('lan'));
  it.each(DIRECT)('is a direct one for %j', (remote) => expect(linkKindOf(remote)).toBe('direct'));
});
