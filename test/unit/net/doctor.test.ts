import { describe, expect, it } from 'vitest';
import { clockFinding, dhtFindings, interfaceFindings } from '../../../src/net/doctor/examine-network.ts';

const at = { subject: 'node:1', isOwn: (host: string) => host === '192.168.1.5' };
const outcomes = (findings: readonly { check: string; outcome: string }[]) =>
  findings.map(({ check, outcome }) => `${check} ${outcome}`);

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

  it('reads what kind of NAT there is from what the nodes of the DHT say', () => {
    const sight = { nodes: 3, seenAt: { host: '192.168.1.5', port: 7 }, isPortChanging: false };
    expect(outcomes(dhtFindings({ ...sight, nodes: 0 }, at))).toEqual(['dht problem']);
    expect(outcomes(dhtFindings({ ...sight, seenAt: undefined }, at))).toEqual(['dht ok']);
    expect(dhtFindings(sight, at)[1]?.says).toContain('no NAT');
    const behind = { ...sight, seenAt: { host: '203.0.113.9', port: 7 } };
    expect(dhtFindings(behind, at)[1]?.says).toContain('203.0.113.9:7, always the same');
    expect(outcomes(dhtFindings({ ...behind, isPortChanging: true }, at))).toEqual(['dht ok', 'nat note']);
  });

  it('finds a clock wrong that shows less than when something was written', () => {
    expect(clockFinding(1000, 2000).outcome).toBe('problem');
    expect(clockFinding(2000, 1000).outcome).toBe('ok');
    expect(clockFinding(2000, undefined).outcome).toBe('ok');
  });
});
