import { type Address, formatAddress } from '../address.ts';
import { CHANGE_ADDRESS, CHANGE_PORT } from '../stun/attributes.ts';
import type { Finding } from './finding.ts';
import { type Filtering, type NatSight, natFindings, type Sighting } from './nat-behaviour.ts';
import { openStunPort, type StunPort, type StunPortOptions } from './stun-udp-adapter.ts';

/**
 * Asks each server from one port, and where one says that it also listens elsewhere (RFC 5780), there too. Throws the
 * signal's reason, what node throws when no port can be had.
 */
export async function examineNat(
  servers: readonly Address[],
  options: StunPortOptions & Pick<NatSight, 'isOwn'>,
): Promise<readonly Finding[]> {
  if (servers.length === 0) return [];
  await using port = await openStunPort(options);
  const answers = await Promise.all(servers.map(async (server) => ({ server, answer: await port.ask(server) })));
  const named = answers.map(({ server, answer }): Sighting => ({ server, seenAt: answer?.xorMappedAddress }));
  const able = answers.find(({ answer }) => answer?.otherAddress !== undefined);
  const other = able?.answer?.otherAddress;
  // Before anything is sent there, or it is known there.
  const filtering = able && (await filteringBy(port, able.server));
  const elsewhere = other && (await port.ask(other))?.xorMappedAddress;
  const more = other && elsewhere ? [{ server: other, seenAt: elsewhere }] : [];
  return natFindings({
    localPort: port.local,
    isOwn: options.isOwn,
    sightings: distinct([...named, ...more]),
    filtering,
  });
}

async function filteringBy(port: StunPort, server: Address): Promise<Filtering> {
  if ((await port.ask(server, CHANGE_ADDRESS | CHANGE_PORT)) !== undefined) return 'anybody';
  return (await port.ask(server, CHANGE_PORT)) === undefined ? 'known-ports' : 'known-addresses';
}

function distinct(sightings: readonly Sighting[]): readonly Sighting[] {
  return [...new Map(sightings.map((sighting) => [formatAddress(sighting.server), sighting])).values()];
}
