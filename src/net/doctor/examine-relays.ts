import { messageOf, SyncError } from '../../errors.ts';
import { DOCTOR_RELAY_MS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
import { type HostChoice, onlyHostOf } from '../addresses/host-choice.ts';
import { readInterfaces } from '../addresses/interfaces-adapter.ts';
import { DataPeer, useDataChannels } from '../datachannel-adapter.ts';
import { withDeadline } from '../deadline.ts';
import { newCredentials } from '../signalling/description.ts';
import { openTcpRelay } from '../turn/tcp-relay.ts';
import { connectToTurn } from '../turn/turn-connection-adapter.ts';
import { credentialsFor, type TurnServer, type TurnTransport } from '../turn/turn-server.ts';
import type { Finding } from './finding.ts';

export interface RelayExamination {
  readonly hosts: HostChoice;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
}

interface Place {
  readonly relayed: Address;
  /** From where the relay sees this device come. */
  readonly mapped: Address | undefined;
}

/** Takes a place on each relay by each transport, with its name and password, and gives it back. */
export async function examineRelays(servers: readonly TurnServer[], at: RelayExamination): Promise<readonly Finding[]> {
  const tries = servers.flatMap((server) => server.transports.map((transport) => ({ server, transport })));
  return (await Promise.all(tries.map(({ server, transport }) => examine(server, transport, at)))).flat();
}

async function examine(
  server: TurnServer,
  transport: TurnTransport,
  at: RelayExamination,
): Promise<readonly Finding[]> {
  const subject = `${formatAddress(server.address)} by ${transport}`;
  const began = at.clock.now();
  const deadline = { what: `Asking the relay ${subject}`, ms: DOCTOR_RELAY_MS, clock: at.clock, signal: at.signal };
  try {
    const place = await withDeadline(deadline, (signal) =>
      transport === 'udp' ? placeByUdp(server, { ...at, signal }) : placeByTcp(server, { ...at, signal }),
    );
    const ms = at.clock.now() - began;
    const says = `gives this device a place at ${formatAddress(place.relayed)}, within ${ms} ms`;
    return [{ check: 'relay', outcome: 'ok', subject, says }, ...natFinding(subject, place)];
  } catch (error) {
    at.signal.throwIfAborted();
    return [{ check: 'relay', outcome: 'problem', subject, says: `gives this device no place: ${messageOf(error)}` }];
  }
}

async function placeByTcp(server: TurnServer, at: RelayExamination): Promise<Place> {
  const { hosts, clock, random, log, signal } = at;
  const relay = await openTcpRelay({
    ...{ server, clock, random, log, opening: signal },
    family: hosts.some((host) => host === 'any' || !host.includes(':')) ? 4 : 6,
    connect: (to, opening) => connectToTurn(to, { signal: opening }),
    onConnection: (stream) => void stream.destroy(),
    onLost: () => {},
  });
  relay.close();
  return { relayed: relay.relayed, mapped: relay.mapped };
}

async function placeByUdp({ address, login }: TurnServer, at: RelayExamination): Promise<Place> {
  const { hosts, clock, random, signal } = at;
  const done = useDataChannels();
  const relays = [{ ...address, ...credentialsFor(login, clock.now()) }];
  const peer = new DataPeer({
    bindAddress: onlyHostOf(hosts),
    credentials: newCredentials(random),
    offer: undefined,
    relays,
  });
  try {
    const { candidates } = await peer.describe(clock.wait(DOCTOR_RELAY_MS / 2, signal));
    const relayed = candidates.find(({ type }) => type === 'relay');
    if (!relayed) throw new SyncError('RELAY_LOST', { detail: 'it does not answer, or does not take the password' });
    return { relayed: { host: relayed.address, port: relayed.port }, mapped: undefined };
  } finally {
    peer.close();
    done();
  }
}

function natFinding(subject: string, { mapped }: Place): readonly Finding[] {
  if (mapped === undefined) return [];
  const isSame = readInterfaces().some(({ host }) => host === mapped.host);
  const says = isSame
    ? 'sees this device at its own address: there is no NAT on the way'
    : `sees this device at ${mapped.host}: there is a NAT on the way, or another address is used to get there`;
  return [{ check: 'nat', outcome: isSame ? 'ok' : 'note', subject, says }];
}
