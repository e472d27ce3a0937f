import { describe, expect, it } from 'vitest';
import { AccountUri, DeviceId } from '../../../../src/ids.ts';
import { PATH_STREAMS } from '../../../../src/limits.ts';
import type { Address } from '../../../../src/net/address.ts';
import type { OwnAddress } from '../../../../src/net/addresses/own-address.ts';
import { createTcpPaths } from '../../../../src/net/paths/tcp-path.ts';
import { type Candidate, tcpPriority } from '../../../../src/net/signalling/candidate.ts';
import { realRandom } from '../../../support/time/real-clock.ts';
import { until } from '../../../support/time/until.ts';
import { createVirtualClock } from '../../../support/time/virtual-clock.ts';

const HOME: OwnAddress = { on: 'eth0', zone: 'eth0', host: '192.168.1.2' };
const PEER = { device: DeviceId.parse('a'.repeat(64)), account: AccountUri.parse('b'.repeat(40)) };
const OUTSIDE: Address = { host: '11.0.0.11', port: 4001 };

/** A try over TCP, and where it dialled; nobody answers there. */
function attempt({ isLocal, external }: { readonly isLocal: boolean; readonly external?: Address }) {
  const clock = createVirtualClock();
  const dialled: string[] = [];
  const failures: string[] = [];
  const paths = createTcpPaths({
    streams: {
      portAt: () => 4000,
      reopen: async () => {},
      expect: () => () => {},
      async dial({ host, port }) {
        dialled.push(`${host}:${port}`);
        throw new Error('nobody answers');
      },
      dialOver: () => Promise.reject(new Error('there is no such stream')),
      answerOver() {},
      async close() {},
    },
    own: {
      hosts: ['any'],
      list: () => [HOME],
      all: () => [HOME],
      routesTo: (host) => [{ host }],
      watch() {},
    },
    mapping: { external: () => external },
    ...{ clock, random: realRandom },
  });
  const path = paths.attempt({
    ...{ peer: PEER, isDialer: true, isLocal, onStream() {}, onFailed() {} },
    onOwnTriesFailed: (reason) => failures.push(reason),
  });
  return { path, dialled, failures };
}

const candidate = (type: 'host' | 'srflx', tcpType: 'passive' | 'so', address: string): Candidate => ({
  ...{ transport: 'tcp', type, tcpType, address, port: 4001 },
  priority: tcpPriority(type, tcpType),
});
const credentials = { ufrag: 'a'.repeat(8), pwd: 'b'.repeat(24), fingerprint: undefined };

describe('TCP', () => {
  it('tells others of the port that the router opened, but not those on the same network', async () => {
    const own = { type: 'host', tcpType: 'passive', address: '192.168.1.2', port: 4000 };
    const mapped = { type: 'srflx', tcpType: 'passive', address: '11.0.0.11', port: 4001 };
    const told = async (options: Parameters<typeof attempt>[0]) =>
      (await attempt(options).path.describe(undefined)).candidates;
    expect(await told({ isLocal: false, external: OUTSIDE })).toMatchObject([own, mapped]);
    expect(await told({ isLocal: true, external: OUTSIDE })).toMatchObject([own]);
    expect(await told({ isLocal: false })).toMatchObject([own]);
  });

  it('dials the port that the other side’s router opened, last and however many addresses it names', async () => {
    const { path, dialled, failures } = attempt({ isLocal: false });
    const hosts = Array.from({ length: PATH_STREAMS + 2 }, (_, at) => candidate('host', 'passive', `11.0.1.${at}`));
    const reflexive = [candidate('srflx', 'so', '11.0.0.12'), candidate('srflx', 'passive', '11.0.0.11')];
    path.connect({ ...credentials, candidates: [...reflexive, ...hosts] });
    await until(() => failures.length > 0);
    expect(dialled).toHaveLength(PATH_STREAMS);
    expect(dialled.at(-1)).toBe('11.0.0.11:4001');
    expect(dialled).not.toContain('11.0.0.12:4001');
  });
});
