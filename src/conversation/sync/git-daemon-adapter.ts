import { createServer, type Server, type Socket } from 'node:net';
import { messageOf, SyncError } from '../../errors.ts';
import { GIT_CONNECTIONS, GIT_CONNECTIONS_PER_ADDRESS, SILENCE_MS, SYNC_MS } from '../../limits.ts';
import { createPlaces } from '../../places.ts';
import type { RepositoryReader } from '../repository/repository.ts';
import { formatHost } from './git-url.ts';
import { offerBranchesAndTags } from './offer.ts';
import { formatPacket } from './pkt-line.ts';
import { createSendLists } from './send-lists.ts';
import { type ServeOptions, serveUploadPack } from './serve-upload-pack.ts';
import { laneOver, type SocketLane } from './socket-lane-adapter.ts';

export interface GitDaemonOptions extends Pick<ServeOptions, 'conversation' | 'clock' | 'signal'> {
  /** `any` is every address of both families, as far as the machine has both. */
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Whom an address counts for: all addresses that one machine may have are one caller. */
  readonly callerAt: (address: string) => string;
  /** Called when a connection is over. */
  readonly onServed?: (connection: ServedConnection) => void;
}

export interface ServedConnection {
  /** `host:port` of who connected. */
  readonly from: string;
  readonly sentBytes: number;
  /** What ended it too early. */
  readonly failure?: SyncError;
}

/** Disposing hangs up on everybody. */
export interface GitDaemon extends AsyncDisposable {
  readonly port: number;
}

/**
 * Serves a repository, read-only, to whoever connects: a stock `git` finds it at `git://host:port/<conversation>`.
 * Throws LISTEN_FAILED.
 */
export async function runGitDaemon(repository: RepositoryReader, options: GitDaemonOptions): Promise<GitDaemon> {
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const connections = new Set<Promise<void>>();
  const places = createPlaces({ inAll: GIT_CONNECTIONS, each: GIT_CONNECTIONS_PER_ADDRESS });
  const lists = createSendLists(repository.objects);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const lane = laneOver(socket, 'The connection');
    const { remoteAddress } = socket;
    const leave = places.take(remoteAddress === undefined ? undefined : options.callerAt(remoteAddress));
    const serving = leave ? answer(repository, { lane, socket, leave }, { ...options, lists, signal }) : turnAway(lane);
    connections.add(serving);
    void serving.finally(() => connections.delete(serving));
  });
  const port = await listen(server, options);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      ending.abort(new SyncError('CANCELLED', { what: 'Serving' }));
      await Promise.all(connections);
      await closed;
    },
  };
}

interface Caller {
  readonly lane: SocketLane;
  readonly socket: Socket;
  /** Gives back the place it has taken. */
  leave(): void;
}

/** Never rejects: what goes wrong with one connection is told, and is nobody else's business. */
async function answer(
  repository: RepositoryReader,
  { lane, socket, leave }: Caller,
  { onServed, ...options }: GitDaemonOptions & Required<Pick<ServeOptions, 'lists'>>,
): Promise<void> {
  const from = formatHost({ host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
  const serve = { ...options, offer: offerBranchesAndTags, restMs: SILENCE_MS, waitingMs: SYNC_MS };
  const failure = await serveUploadPack(repository, lane, serve).then(() => undefined, asFailure);
  if (options.signal.aborted) lane.close();
  await lane[Symbol.asyncDispose]();
  leave();
  onServed?.({ from, sentBytes: lane.sentBytes, ...(failure && { failure }) });
}

/** The same as git's own daemon does: who is one too many is told so, and hung up on. */
async function turnAway(lane: SocketLane): Promise<void> {
  await lane.send(formatPacket('ERR too many connections; try again later\n')).catch(() => undefined);
  await lane[Symbol.asyncDispose]();
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  const address = formatHost({ host, port });
  return new Promise((resolve, reject) => {
    server.on('error', (cause) => {
      reject(new SyncError('LISTEN_FAILED', { address, detail: messageOf(cause) }, { cause }));
    });
    server.listen({ port, ...(host !== 'any' && { host }) }, () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
    });
  });
}

function asFailure(error: unknown): SyncError {
  return error instanceof SyncError
    ? error
    : new SyncError('CHANNEL_CLOSED', { channel: 'The connection', reason: messageOf(error) });
}
