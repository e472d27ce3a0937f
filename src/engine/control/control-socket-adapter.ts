/** The control socket of a home: a Unix socket that only its owner can open. */
import { chmod, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type * as z from 'zod';
import { isSyncError, messageOf, SyncError } from '../../errors.ts';
import { CONTROL_ANSWER_MS, CONTROL_MESSAGE_BYTES, CONTROL_REPLY_BYTES, CONTROL_STOP_MS } from '../../limits.ts';
import { parseJson } from '../../parse-json.ts';
import type { Milliseconds } from '../../ports.ts';
import { type ControlHandler, ControlReply, ControlRequest } from './control-protocol.ts';
import { linesOf } from './line-reader.ts';

/** Longest path a Unix socket may have on every system (`sun_path`, less room for the NUL). */
const SOCKET_PATH_BYTES = 100;
const SOCKET = 'control.sock';
/** Says where the socket is when the home's own path is too long for one. */
const POINTER = 'control.path';

async function chooseSocketPath(home: string): Promise<string> {
  const inHome = join(home, SOCKET);
  if (Buffer.byteLength(inHome) <= SOCKET_PATH_BYTES) return inHome;
  await removeFormer(home);
  const elsewhere = join(await mkdtemp(join(tmpdir(), 'swarmlog-')), SOCKET);
  await writeFile(join(home, POINTER), elsewhere, { mode: 0o600 });
  return elsewhere;
}

/** Of an engine that was killed. The pointer is believed no further than that a socket of that name may go, and an empty folder. */
async function removeFormer(home: string): Promise<void> {
  const path = await readFile(join(home, POINTER), 'utf8').catch(() => '');
  if (basename(path) !== SOCKET) return;
  await rm(path, { force: true }).catch(() => {});
  await rmdir(dirname(path)).catch(() => {});
}

async function findSocketPath(home: string): Promise<string> {
  const inHome = join(home, SOCKET);
  if (Buffer.byteLength(inHome) <= SOCKET_PATH_BYTES) return inHome;
  return readFile(join(home, POINTER), 'utf8').catch(() => inHome);
}

/**
 * Serves the home's control socket until closed. The caller holds the home's lock, so a socket file found there is
 * a leftover of an engine that was killed. Throws LISTEN_FAILED.
 */
export async function serveControl(home: string, handle: ControlHandler): Promise<AsyncDisposable> {
  const path = await chooseSocketPath(home);
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

export interface ControlCall {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly onEvent?: (event: unknown) => void;
  /** Takes the request back. What came of it is heard all the same: nobody else knows whether it was done already. */
  readonly signal: AbortSignal;
  /** For commands that take as long as they take: moving files, cloning. */
  readonly isLong?: boolean;
}

/**
 * Asks the engine that runs on the home. Throws ENGINE_NOT_RUNNING, TIMED_OUT, LIMIT_EXCEEDED, the signal's reason when the
 * request was taken back in time, or whatever the engine answered.
 */
export async function callEngine(home: string, call: ControlCall): Promise<unknown> {
  call.signal.throwIfAborted();
  const line = requestLine({ id: 1, method: call.method, params: call.params ?? {} });
  const socket = await connect(home);
  const patience = createPatience(socket, `"${call.method}"`);
  if (!call.isLong) patience.endsAfter(CONTROL_ANSWER_MS);
  const takeBack = () => {
    socket.end();
    patience.endsAfter(CONTROL_STOP_MS);
  };
  call.signal.addEventListener('abort', takeBack);
  try {
    socket.write(line);
    return await answerOn(socket, call);
  } catch (error) {
    if (call.signal.aborted && isSyncError(error, 'CANCELLED')) throw call.signal.reason;
    throw isSyncError(error) ? error : new SyncError('ENGINE_NOT_RUNNING', { path: home }, { cause: error });
  } finally {
    call.signal.removeEventListener('abort', takeBack);
    patience[Symbol.dispose]();
    socket.destroy();
  }
}

interface Patience extends Disposable {
  /** Instead of when it was to end before. */
  endsAfter(ms: Milliseconds): void;
}

/** Hangs up on an engine that does not answer in time. */
function createPatience(socket: Socket, what: string): Patience {
  let timer: NodeJS.Timeout | undefined;
  return {
    endsAfter(ms) {
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(new SyncError('TIMED_OUT', { what, ms })), ms);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

async function answerOn(socket: Socket, { onEvent }: ControlCall): Promise<unknown> {
  for await (const answer of linesOf(socket, CONTROL_REPLY_BYTES)) {
    const reply = ControlReply.parse(JSON.parse(answer));
    if ('event' in reply) onEvent?.(reply.event);
    else if ('error' in reply) throw remoteError(reply.error);
    else return reply.result;
  }
  throw new Error('it ended without an answer');
}

function requestLine(request: ControlRequest): string {
  const line = JSON.stringify(request);
  const actual = Buffer.byteLength(line);
  if (actual > CONTROL_MESSAGE_BYTES)
    throw new SyncError('LIMIT_EXCEEDED', { what: 'The command', limit: CONTROL_MESSAGE_BYTES, actual });
  return `${line}\n`;
}

/** An error of the engine, as the engine said it. */
function remoteError({ code, message, data }: { code: string; message: string; data?: unknown }): SyncError {
  return Object.assign(new SyncError('USAGE', { detail: message }), { code, data });
}

async function connect(home: string): Promise<Socket> {
  const socket = createConnection(await findSocketPath(home));
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', (cause) => reject(new SyncError('ENGINE_NOT_RUNNING', { path: home }, { cause })));
  });
}
