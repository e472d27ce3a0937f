/**
 * The only door to multicast-dns: questions and answers on the local network, as records of DNS-SD (RFC 6762, RFC 6763).
 *
 * A name is asked for as `<name>._swarmlog._tcp.local`. Nothing is said unasked, and the service itself cannot be browsed:
 * who does not know a name learns nothing.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import createMulticastDns, { type Answer, type MulticastDns } from 'multicast-dns';
import { messageOf, SyncError } from '../../errors.ts';
import { LAN_ANSWER_SECONDS } from '../../limits.ts';
import type { Log } from '../../ports.ts';
import type { Address } from '../address.ts';
import { zonedHost } from '../addresses/own-address.ts';
import { plainHost } from '../ip-address.ts';
import type { LanPlace } from './lan-place.ts';

/** Of the whole machine: others that speak multicast DNS listen there, too. */
const PORT = 5353;
const SERVICE = '._swarmlog._tcp.local';

export interface LocalPost {
  ask(name: string): void;
  /** Says that this device goes by the name, and on which port it listens. */
  answer(name: string, port: number): void;
  close(): Promise<void>;
}

export interface LocalPostOptions {
  /** Where to speak and to listen. */
  readonly place: LanPlace;
  readonly log: Log;
  onQuestion(name: string): void;
  /** `address` is where the answer came from, with the port it told. */
  onAnswer(name: string, address: Address): void;
}

/** Throws LISTEN_FAILED. */
export async function openLocalPost({ place, log, ...hearing }: LocalPostOptions): Promise<LocalPost> {
  const { host, zone } = place;
  const isIpv6 = host.includes(':');
  const type = isIpv6 ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reuseAddr: true, ipv6Only: isIpv6 });
  const group = isIpv6
    ? ({ ip: 'ff02::fb', interface: `::%${zone}`, bind: '::' } as const)
    : ({ ip: '224.0.0.251', interface: host, bind: '0.0.0.0' } as const);
  const post = createMulticastDns({ port: PORT, type, socket, ...group });
  post.on('warning', (error) => log.debug('multicast DNS', { reason: messageOf(error) }));
  hearPost(post, hearing);
  await opened(post, zonedHost(place));
  post.on('error', (error) => log.warn('multicast DNS failed', { reason: messageOf(error) }));
  return {
    ask: (name) => post.query({ questions: [{ name: name + SERVICE, type: 'SRV' }] }),
    answer(name, port) {
      const target = `${name}.local`;
      const ttl = LAN_ANSWER_SECONDS;
      post.respond({
        answers: [{ name: name + SERVICE, type: 'SRV', ttl, data: { port, target } }],
        additionals: [{ name: target, type: isIpv6 ? 'AAAA' : 'A', ttl, data: host }],
      });
    },
    close: () => new Promise((resolve) => post.destroy(resolve)),
  };
}

/** Whoever is on the network may say anything: what has no name of ours is passed over. */
export function hearPost(
  post: Pick<MulticastDns, 'on'>,
  { onQuestion, onAnswer }: Pick<LocalPostOptions, 'onQuestion' | 'onAnswer'>,
): void {
  post.on('query', ({ questions }) => {
    for (const { name, type } of questions) if (type === 'SRV' || type === 'ANY') onName(name, onQuestion);
  });
  post.on('response', ({ answers }, { address }) => {
    for (const answer of answers) {
      const port = portIn(answer);
      if (port !== undefined) onName(answer.name, (name) => onAnswer(name, { host: plainHost(address), port }));
    }
  });
}

async function opened(post: MulticastDns, host: string): Promise<void> {
  try {
    await once(post, 'ready');
  } catch (error) {
    post.destroy(() => {});
    const address = `${host}, port ${PORT} for multicast DNS`;
    throw new SyncError('LISTEN_FAILED', { address, detail: messageOf(error) }, { cause: error });
  }
}

function onName(full: string, use: (name: string) => void): void {
  const name = NAME.exec(full)?.[1];
  if (name !== undefined) use(name);
}

/** As `lanName` makes them. */
const NAME = /^([0-9a-f]{32})\._swarmlog\._tcp\.local$/;

/** Of a record as somebody sent it: it may be anything. */
function portIn({ type, data }: Answer): number | undefined {
  if (type !== 'SRV' || typeof data !== 'object' || data === null || !('port' in data)) return undefined;
  const { port } = data;
  return typeof port === 'number' && port > 0 ? port : undefined;
}
