import { describe, expect, it } from 'vitest';
import { isRelayWorthy } from '../../../../src/net/paths/relay-worthy.ts';

const [FAR, NAMED, NEAR, HERE] = ['203.0.113.1', 'turn.example.org', '192.168.1.1', '127.0.0.1'].map((host) => ({
  host,
})) as [{ host: string }, { host: string }, { host: string }, { host: string }];

describe('an address that a relay may be asked to send to', () => {
  it.each([
    ['198.51.100.7', [FAR], true],
    ['2001:4860::1', [NAMED], true],
    ['192.168.2.2', [FAR], false],
    ['192.168.2.2', [NAMED], false],
    ['fd00:1::2', [FAR], false],
    ['127.0.0.1', [FAR], false],
    ['192.168.2.2', [NEAR], true],
    ['127.0.0.1', [HERE], true],
    ['192.168.2.2', [NEAR, FAR], false],
    ['192.168.2.2', [], true],
  ])('%s by %j: %s', (host, relays, expected) => {
    expect(isRelayWorthy(host, relays)).toBe(expected);
  });
});
