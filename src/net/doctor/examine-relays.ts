import { withDeadline } from '../../deadline.ts';
import { messageOf } from '../../errors.ts';
import { DOCTOR_RELAY_MS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
import { type HostChoice, onlyHostOf } from '../addresses/host-choice.ts';
import { readInterfaces } from '../addresses/interfaces-adapter.ts';
import { DataPeer, useDataChannels } from '../data-channel/data-channel-adapter.ts';
import { reasonOf } from '../reason-of.ts';
import { newCredentials } from '../signalling/description.ts';
import { openTcpRelay, type TcpRelay } from '../turn/tcp-relay.ts';
import { connectToTurn } from '../turn/turn-connection-adapter.ts';
import { credentialsFor, type TurnServer, type TurnTransport } from '../turn/turn-server.ts';
import { echoFrom } from './echo-adapter.ts';
import type { Finding } from './finding.ts';
import { whyNoPlaceByUdp } from './why-no-place.ts';

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
  /** What became of bytes that went through; undefined where that was not tried. */
  readonly carried: Carried | undefined;
}

type Carried = { readonly ms: number } | { readonly reason: string };

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
    return [carriedFinding({ check: 'relay', outcome: 'ok', subject, says }, place), ...natFinding(subject, place)];
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
    onConnection: (stream) => void stream.on('error', () => {}).pipe(stream),
    onLost: () => {},
  });
  try {
    const { relayed, mapped } = relay;
    return { relayed, mapped, carried: await sendThrough(relay, at) };
  } finally {
    relay.close();
  }
}

/** From this device to its own place, and back. */
async function sendThrough(
  { relayed, mapped, permit }: TcpRelay,
  { clock, signal }: RelayExamination,
): Promise<Carried> {
  const began = clock.now();
  const deadline = { what: 'Sending bytes through it', ms: DOCTOR_RELAY_MS / 2, clock, signal };
  try {
    await withDeadline(deadline, async (inner) => {
      await permit((mapped ?? relayed).host);
      await echoFrom(relayed, inner);
    });
    return { ms: clock.now() - began };
  } catch (error) {
    signal.throwIfAborted();
    return { reason: reasonOf(error) };
  }
}

/** What else was found out of a place. A relay that keeps to its rules may refuse this device itself and serve others. */
function carriedFinding(finding: Finding, { carried, relayed }: Place): Finding {
  if (carried === undefined) return finding;
  if ('ms' in carried)
    return { ...finding, says: `${finding.says}, and carries bytes there and back within ${carried.ms} ms` };
  const says = `${finding.says}, but bytes of this device do not get there: ${carried.reason}. Are TCP ports like ${relayed.port} open there?`;
  return { ...finding, outcome: 'note', says };
}

async function placeByUdp(server: TurnServer, at: RelayExamination): Promise<Place> {
  const { address, login } = server;
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
    if (!relayed) throw await whyNoPlaceByUdp(server, { from: onlyHostOf(hosts), clock, random, signal });
    return { relayed: { host: relayed.address, port: relayed.port }, mapped: undefined, carried: undefined };
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
