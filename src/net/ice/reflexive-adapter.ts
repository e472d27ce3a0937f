/**
 * From where a server sees us come, by TCP (RFC 8489 §6.2.2). Node marks every socket that it binds as one whose port may
 * be used again (SO_REUSEADDR): so a second connection can leave from the same port, as long as nobody listens on it. A
 * listener may join afterwards, and then no further connection can leave: an end is passive or connects, never both.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, isIP, type Socket } from 'node:net';
import { withDeadline } from '../../deadline.ts';
import { ICE_REFLEXIVE_MS } from '../../limits.ts';
import type { Clock, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import { isWildcard } from '../addresses/host-choice.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { encodeStun } from '../stun/message.ts';
import { createStunReader } from '../stun/stun-reader.ts';

export interface Reflexive {
  /** Our end as the server sees it. */
  readonly mapped: Address;
  /** Our end as we see it. */
  readonly base: Address;
  /** The connection that keeps the mapping alive. */
  readonly keeper: Socket;
}

export interface ReflexiveOptions {
  readonly own: OwnAddresses;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** What each server sees of us, over each family of addresses that we have and it has. Servers that do not answer say nothing. */
export async function reflexivesOf(
  servers: readonly Address[],
  options: ReflexiveOptions,
): Promise<readonly Reflexive[]> {
  const { own } = options;
  const hosts = own.list({ isLocal: false }).map(({ host }) => host);
  const isFree = own.hosts.some(isWildcard);
  const asked = FAMILIES.flatMap((family) => {
    const from = hosts.find((host) => isIP(host) === family);
    if (from === undefined) return [];
    const localAddress = isFree ? {} : { localAddress: from };
    const named = servers.filter(({ host }) => isIP(host) === 0 || isIP(host) === family);
    return named.map((server) => reflexiveOf({ ...server, family, ...localAddress }, options));
  });
  return (await Promise.all(asked)).filter((found) => found !== undefined);
}

const FAMILIES = [6, 4] as const;

/** Undefined when the server does not answer, or sees us as we see ourselves. */
async function reflexiveOf(
  to: Address & { readonly family: 4 | 6; readonly localAddress?: string },
  { clock, random, signal }: ReflexiveOptions,
): Promise<Reflexive | undefined> {
  const keeper = connect(to);
  keeper.on('error', () => {});
  try {
    const deadline = { what: 'Asking for the own address', ms: ICE_REFLEXIVE_MS, clock, signal };
    const mapped = await withDeadline(deadline, (inner) => askFor(keeper, random, inner));
    const { address, port } = keeper.address() as AddressInfo;
    if (mapped !== undefined && mapped.host !== address) return { mapped, base: { host: address, port }, keeper };
  } catch {
    // There is one way less, and others may do.
  }
  keeper.destroy();
  return undefined;
}

async function askFor(socket: Socket, random: Random, signal: AbortSignal): Promise<Address | undefined> {
  await once(socket, 'connect', { signal });
  const transaction = Buffer.from(random.bytes(12)).toString('hex');
  socket.write(encodeStun({ class: 'request', method: 'binding', transaction, attributes: {} }));
  const reader = createStunReader();
  for (;;) {
    const [chunk] = (await once(socket, 'data', { signal })) as [Uint8Array];
    reader.push(chunk);
    for (let message = reader.next(); message !== undefined; message = reader.next())
      if (message.transaction === transaction) return message.attributes.xorMappedAddress;
  }
}
