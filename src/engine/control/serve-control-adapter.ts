/** The end of a home's control socket at which the engine answers. */
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type * as z from 'zod';
import { isSyncError, messageOf, SyncError } from '../../errors.ts';
import { CONTROL_MESSAGE_BYTES, CONTROL_REPLY_BYTES } from '../../limits.ts';
import { parseJson } from '../../parse-json.ts';
import { chooseControlAddress } from './control-address-adapter.ts';
import { type ControlHandler, type ControlReply, ControlRequest } from './control-protocol.ts';
import { linesOf } from './line-reader.ts';

/**
 * Serves the home's control socket until closed. The caller holds the home's lock, so a socket file found there is
 * a leftover of an engine that was killed. Throws LISTEN_FAILED.
 */
export async function serveControl(home: string, handle: ControlHandler): Promise<AsyncDisposable> {
  const path = await chooseControlAddress(home);
  await rm(path, { force: true });
  const connections = new Set<Socket>();
  // Who has ended its own side still hears what came of its request.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    void serveConnection(socket, handle).finally(() => socket.destroySoon());
  });
  await listen(server, path);
  await chmod(path, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      if (dirname(path) !== home) await rm(dirname(path), { recursive: true, force: true });
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new SyncError('LISTEN_FAILED', { address: path, detail: messageOf(cause) }, { cause })),
    );
    server.listen(path, resolve);
  });
}

async function serveConnection(socket: Socket, handle: ControlHandler): Promise<void> {
  const gone = new AbortController();
  const takenBack = () => gone.abort(new SyncError('CANCELLED', { what: 'The command' }));
  socket.on('close', takenBack);
  const running: Promise<void>[] = [];
  try {
    for await (const line of linesOf(socket.iterator({ destroyOnReturn: false }), CONTROL_MESSAGE_BYTES))
      running.push(answer(line, { socket, handle, signal: gone.signal }));
    takenBack();
  } catch (error) {
    // The connection broke, or whoever is at its other end says more than anybody may: nobody waits for an answer.
    gone.abort(error);
  }
  await Promise.all(running);
}

interface Answering {
  readonly socket: Socket;
  readonly handle: ControlHandler;
  readonly signal: AbortSignal;
}

async function answer(line: string, { socket, handle, signal }: Answering): Promise<void> {
  const reply = (value: ControlReply) => {
    if (socket.destroyed) return;
    writeTogether(socket, `${JSON.stringify(value)}\n`);
    // Who does not read costs its own connection, not our memory.
    if (socket.writableLength > CONTROL_REPLY_BYTES) socket.destroy();
  };
  const request = requestOf(line);
  if (!request.success) {
    const { code, message, data } = new SyncError('MALFORMED', { what: 'command', detail: 'it is no request' });
    return reply({ id: 0, error: { code, message, data } });
  }
  const { id } = request.data;
  try {
    const result = await handle(request.data, { signal, emit: (event) => reply({ id, event }) });
    reply({ id, result: result ?? null });
  } catch (error) {
    const { code, message, data } = isSyncError(error)
      ? error
      : new SyncError('UNREACHABLE', { value: messageOf(error) }, { cause: error });
    reply({ id, error: { code, message, data } });
  }
}

/** What is said in one turn of the event loop leaves in one go: a thousand files are as many lines. */
function writeTogether(socket: Socket, line: string): void {
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  socket.write(line);
}

function requestOf(line: string): z.ZodSafeParseResult<ControlRequest> {
  return ControlRequest.safeParse(parseJson(line));
}
