import { describe, expect, it } from 'vitest';
import { type DiscoverySight, discoveryFindings } from '../../../../src/net/doctor/examine-dht.ts';
import { clockFinding, interfaceFindings, ipv6Finding } from '../../../../src/net/doctor/examine-network.ts';
import { type Filtering, natFindings } from '../../../../src/net/doctor/nat-behaviour.ts';

const at = { subject: 'node:1', isOwn: (host: string) => host === '192.168.1.5' };
const outcomes = (findings: readonly { check: string; outcome: string }[]) =>
  findings.map(({ check, outcome }) => `${check} ${outcome}`);

const entered = { gate: { host: 'node', port: 1 }, refusal: undefined };
const refused = { ...entered, refusal: 'connection refused' };
const dhtFindings = (dht: DiscoverySight['dht'], ...gates: DiscoverySight['gates']) =>
  discoveryFindings({ dht, gates }, at);

describe('the doctor', () => {
  it('tells an address that the machine has from one that it has not, and one that nobody else reaches', () => {
    const addresses = [
      { on: 'lo', zone: 'lo', host: '127.0.0.1' },
      { on: 'eth0', zone: 'eth0', host: '192.168.1.5' },
    ];
    const seen = ['interfaces ok', 'interfaces ok'];
    expect(outcomes(interfaceFindings(addresses, ['192.168.1.5']))).toEqual(seen);
    expect(outcomes(interfaceFindings(addresses, ['0.0.0.0']))).toEqual(seen);
    expect(outcomes(interfaceFindings(addresses, ['127.0.0.1']))).toEqual([...seen, 'interfaces note']);
    expect(outcomes(interfaceFindings(addresses, ['10.9.9.9']))).toEqual([...seen, 'interfaces problem']);
  });

  it('sees that a machine is on no network, where all its addresses were asked for', () => {
    const loopback = { on: 'lo', zone: 'lo', host: '127.0.0.1' };
    const ipv6 = { on: 'eth0', zone: 'eth0', host: '2a00:1::2' };
    expect(outcomes(interfaceFindings([loopback], ['any']))).toEqual(['interfaces ok', 'interfaces problem']);
    expect(outcomes(interfaceFindings([loopback, ipv6], ['any']))).toEqual(['interfaces ok', 'interfaces ok']);
    expect(outcomes(interfaceFindings([ipv6], ['0.0.0.0']))).toEqual(['interfaces ok', 'interfaces problem']);
  });

  it('reads what kind of NAT there is from what the nodes of the DHT say', () => {
    const sight = { nodes: 3, seenAt: { host: '192.168.1.5', port: 7 }, isPortChanging: false };
    expect(outcomes(dhtFindings({ ...sight, nodes: 0 }))).toEqual(['dht problem']);
    expect(outcomes(dhtFindings({ ...sight, seenAt: undefined }))).toEqual(['dht ok']);
    expect(dhtFindings(sight)[1]?.says).toContain('no NAT');
    const behind = { ...sight, seenAt: { host: '203.0.113.9', port: 7 } };
    expect(dhtFindings(behind)[1]?.says).toContain('203.0.113.9:7, always the same');
    expect(outcomes(dhtFindings({ ...behind, isPortChanging: true }))).toEqual(['dht ok', 'nat note']);
  });

  it('finds nothing wrong where either the DHT or a gate is reached', () => {
    const there = { nodes: 3, seenAt: undefined, isPortChanging: false };
    const silent = { ...there, nodes: 0 };
    const onlyIpv6 = { reason: 'a DHT needs IPv4' };
    expect(outcomes(dhtFindings(there, entered))).toEqual(['dht ok', 'gate ok']);
    expect(outcomes(dhtFindings(there, refused))).toEqual(['dht ok', 'gate note']);
    expect(outcomes(dhtFindings(silent, refused, entered))).toEqual(['dht note', 'gate note', 'gate ok']);
    expect(outcomes(dhtFindings(silent, refused))).toEqual(['dht problem', 'gate problem']);
    expect(outcomes(dhtFindings(onlyIpv6, entered))).toEqual(['dht note', 'gate ok']);
    expect(outcomes(dhtFindings(onlyIpv6, refused))).toEqual(['dht problem', 'gate problem']);
    expect(dhtFindings(onlyIpv6, refused)[1]?.says).toContain('connection refused');
  });

  it('tells what the NAT does from what STUN servers see', () => {
    const local = { host: '192.168.1.5', port: 7 };
    const [one, other] = [
      { host: '198.51.100.1', port: 3478 },
      { host: '198.51.100.2', port: 3478 },
    ];
    const saidOf = (seen: readonly (typeof one | undefined)[], filtering?: Filtering) => {
      const sightings = [one, other].slice(0, seen.length).map((server, at) => ({ server, seenAt: seen[at] }));
      return natFindings({ localPort: local.port, isOwn: (host) => host === local.host, sightings, filtering }).map(
        ({ outcome, says }) => `${outcome} ${says}`,
      );
    };
    const at = (port: number) => ({ host: '203.0.113.9', port });
    expect(saidOf([])).toEqual([]);
    expect(saidOf([undefined, undefined])).toEqual(Array(2).fill(expect.stringMatching(/^note does not answer/)));
    expect(saidOf([local, local])).toEqual([expect.stringContaining('there is no NAT')]);
    expect(saidOf([at(7)])).toEqual([expect.stringContaining('a second server')]);
    expect(saidOf([at(7), at(7)])).toEqual([expect.stringMatching(/^ok .*203.0.113.9:7 by all/)]);
    expect(saidOf([at(7), at(8)])).toEqual([expect.stringMatching(/^note .*only a relay/)]);
    expect(saidOf([at(7), undefined], 'known-ports')).toEqual([
      expect.stringMatching(/^note does not answer/),
      expect.stringMatching(/^ok a UDP port/),
      expect.stringMatching(/^ok by UDP only a port/),
    ]);
  });

  it('says whether others can reach this machine by IPv6', () => {
    expect(ipv6Finding([{ host: '2a00:1450::5' }]).outcome).toBe('ok');
    expect(ipv6Finding([{ host: 'fe80::1' }, { host: '192.168.1.5' }]).outcome).toBe('note');
  });

  it('finds a clock wrong that shows less than when something was written', () => {
    expect(clockFinding(1000, 2000).outcome).toBe('problem');
    expect(clockFinding(2000, 1000).outcome).toBe('ok');
    expect(clockFinding(2000, undefined).outcome).toBe('ok');
  });
});
