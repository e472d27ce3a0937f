import { describe, expect, it } from 'vitest';
import type { OwnAddress } from '../../../../src/net/addresses/own-address.ts';
import { createOwnAddresses } from '../../../../src/net/addresses/own-addresses.ts';
import { lanPlaces } from '../../../../src/net/discovery/lan-place.ts';
import { createLocalPosts } from '../../../../src/net/discovery/local-posts.ts';
import { quietLog } from '../../../support/quiet-log.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const at = (on: string, host: string): OwnAddress => ({ on, zone: on, host });
const MACHINE = [
  at('lo', '127.0.0.1'),
  at('lo', '::1'),
  at('eth0', '192.168.1.2'),
  at('eth0', '2001:db8::2'),
  at('eth0', 'fe80::2'),
  at('wlan0', 'fe80::3'),
];
const ETHERNET = { on: 'eth0', zone: 'eth0' };

function places(hosts: readonly string[]) {
  const readInterfaces = () => MACHINE;
  const signal = AbortSignal.abort();
  return lanPlaces(createOwnAddresses({ hosts, readInterfaces, clock: createVirtualClock(), log: quietLog, signal }));
}

describe('the places where a device speaks to its neighbours', () => {
  it.each<[string, readonly string[]]>([
    ['any', ['192.168.1.2', 'fe80::2', 'fe80::3']],
    ['192.168.1.2', ['192.168.1.2']],
    ['2001:db8::2', ['fe80::2']],
    ['127.0.0.1', ['127.0.0.1']],
    ['::1', []],
  ])('for %s are one of each family on each interface', (host, expected) => {
    expect(
      places([host])
        .map((place) => place.host)
        .toSorted(),
    ).toEqual(expected);
  });
});

describe('posts on several networks', () => {
  function postOffice() {
    const log: string[] = [];
    const posts = createLocalPosts({
      log: quietLog,
      portAt: ({ host }) => (host === 'fe80::2' ? 6 : 4),
      onQuestion: () => {},
      onAnswer: () => {},
      async openPost({ place: { host } }) {
        if (host === '10.0.0.1') throw new TypeError('there is no network');
        log.push(`open ${host}`);
        return {
          ask: (name) => void log.push(`ask ${name} at ${host}`),
          answer: (name, port) => void log.push(`${name} is ${host} port ${port}`),
          close: async () => void log.push(`close ${host}`),
        };
      },
    });
    return { posts, log };
  }
  const [first, second] = [
    { ...ETHERNET, host: '192.168.1.2' },
    { ...ETHERNET, host: 'fe80::2' },
  ];

  it('say everything on each, with the port that holds there', async () => {
    const { posts, log } = postOffice();
    await posts.update([first, second]);
    posts.ask('bob');
    posts.answer('alice');
    expect(log.slice(2)).toEqual([
      'ask bob at 192.168.1.2',
      'ask bob at fe80::2',
      'alice is 192.168.1.2 port 4',
      'alice is fe80::2 port 6',
    ]);
  });

  it('close where the device is not any more, open where it has come to, and leave the others alone', async () => {
    const { posts, log } = postOffice();
    await posts.update([first, second]);
    await Promise.all([posts.update([second]), posts.update([second, { ...ETHERNET, host: '192.168.7.7' }])]);
    expect(log.slice(2)).toEqual(['close 192.168.1.2', 'open 192.168.7.7']);
    await posts.close();
    expect(log.slice(4).toSorted()).toEqual(['close 192.168.7.7', 'close fe80::2']);
  });

  it('leave out a place where that cannot be done', async () => {
    const { posts, log } = postOffice();
    await posts.update([{ ...ETHERNET, host: '10.0.0.1' }, second]);
    posts.ask('bob');
    expect(log).toEqual(['open fe80::2', 'ask bob at fe80::2']);
  });
});
