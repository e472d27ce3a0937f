/** One place to be connected to on each address that was chosen. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { messageOf, SyncError } from '../../errors.ts';
import { type HostChoice, isChosen } from './host-choice.ts';
import { type OwnAddress, zonedHost } from './own-address.ts';

export interface TcpListeners {
  /** Where an own address is listened at; undefined when it is not. */
  portAt(address: Pick<OwnAddress, 'host' | 'zone'>): number | undefined;
  /** Opens those of the given ones that are not listened on yet: an address may have come since. Does not reject. */
  reopen(hosts: HostChoice): Promise<void>;
  close(): Promise<void>;
}

export interface TcpListenersOptions {
  readonly hosts: HostChoice;
  /** More at once are hung up on. */
  readonly maxConnections?: number;
  onConnection(socket: Socket): void;
}

interface Listener {
  /** What it was opened for. */
  readonly choice: HostChoice;
  readonly server: Server;
  readonly port: number;
}

/** Listens on free ports. Throws LISTEN_FAILED when it cannot on any of the addresses. */
export async function listenTcp(options: TcpListenersOptions): Promise<TcpListeners> {
  const listeners = new Map<string, Listener>();

  async function open(host: string): Promise<void> {
    for (const [bind, choice] of bindingsOf(host)) {
      const server = await listening(bind, host === 'any', options).catch((error: unknown) => {
        // A machine without IPv6 has all of IPv4.
        if (bind === '::' && host === 'any') return undefined;
        throw error;
      });
      if (server === undefined) continue;
      listeners.set(host, { choice, server, port: (server.address() as AddressInfo).port });
      return;
    }
  }

  async function openMissing(hosts: HostChoice): Promise<readonly unknown[]> {
    const missing = hosts.filter((host) => !listeners.has(host));
    const results = await Promise.allSettled(missing.map(open));
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  }

  const [failure] = await openMissing(options.hosts);
  if (listeners.size === 0) {
    const address = options.hosts.join(', ');
    throw new SyncError('LISTEN_FAILED', { address, detail: messageOf(failure) }, { cause: failure });
  }
  return {
    portAt(address) {
      const named = listeners.get(zonedHost(address)) ?? listeners.get(address.host);
      const found = named ?? [...listeners.values()].find(({ choice }) => isChosen(choice, address));
      return found?.port;
    },
    reopen: async (hosts) => void (await openMissing(hosts)),
    async close() {
      const servers = [...listeners.values()].map(({ server }) => server);
      listeners.clear();
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
}

async function listening(host: string, isForAll: boolean, options: TcpListenersOptions): Promise<Server> {
  const server = createServer(options.onConnection);
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  await once(server.listen({ host, port: 0, ipv6Only: !isForAll }), 'listening');
  return server.on('error', () => {});
}

/** What to bind for a choice, and what of it that serves. A socket on `::` takes IPv4 as well unless it is told not to. */
function bindingsOf(host: string): readonly (readonly [bind: string, choice: HostChoice])[] {
  if (host !== 'any') return [[host, [host]]];
  return [
    ['::', ['any']],
    ['0.0.0.0', ['0.0.0.0']],
  ];
}
