import { describe, expect, it } from 'vitest';
import { bannedPath, readPath, TARGET_KINDS, targetPath } from '../../../src/conversation/tree-path.ts';
import { AccountUri, DeviceId } from '../../../src/ids.ts';

const uri = AccountUri.parse('a'.repeat(40));
const device = DeviceId.parse('b'.repeat(64));

describe('a path in the tree', () => {
  it.each([
    [`admins/${uri}.crt`, { area: 'admins', uri }],
    [`members/${uri}.crt`, { area: 'members', uri }],
    [`invited/${uri}`, { area: 'invited', uri }],
    [`devices/${device}.crt`, { area: 'devices', device }],
    [`banned/members/${uri}.crt`, { area: 'banned', kind: 'members', target: uri }],
    [`banned/invited/${uri}`, { area: 'banned', kind: 'invited', target: uri }],
    [`banned/devices/${device}.crt`, { area: 'banned', kind: 'devices', target: device }],
    [`votes/ban/members/${uri}/${uri}`, { area: 'votes', action: 'ban', kind: 'members', target: uri, voter: uri }],
    [
      `votes/unban/devices/${device}/${uri}`,
      { area: 'votes', action: 'unban', kind: 'devices', target: device, voter: uri },
    ],
    ['profile.vcf', { area: 'profile' }],
    [`attachments/${uri}`, { area: 'attachments', name: uri }],
  ])('%s is what the format says', (path, read) => expect(readPath(path)).toEqual(read));

  it.each([
    '',
    'admins',
    `admins/${uri}`,
    `admins/${uri}.crt/x`,
    `admins/${'A'.repeat(40)}.crt`,
    `invited/${uri}.crt`,
    `devices/${uri}.crt`,
    `banned/${uri}`,
    `banned/devices/${uri}.crt`,
    `votes/promote/members/${uri}/${uri}`,
    `votes/ban/members/${uri}`,
    `votes/ban/members/${uri}/${uri}/x`,
    `constructor/${uri}`,
    'profile.vcf/x',
  ])('%j has no place in the format', (path) => expect(readPath(path).area).toBe('other'));

  it('of a target reads back, banned or not', () => {
    for (const kind of TARGET_KINDS) {
      const target = kind === 'devices' ? device : uri;
      expect(readPath(targetPath(kind, target)).area).toBe(kind);
      expect(readPath(bannedPath(kind, target))).toEqual({ area: 'banned', kind, target });
    }
  });
});
