/** The end of a home's control socket at which the command line asks. */
import { createConnection, type Socket } from 'node:net';
import { isSyncError, SyncError } from '../../errors.ts';
import { CONTROL_ANSWER_MS, CONTROL_MESSAGE_BYTES, CONTROL_REPLY_BYTES, CONTROL_STOP_MS } from '../../limits.ts';
import type { Milliseconds } from '../../ports.ts';
import { findControlAddress } from './control-address-adapter.ts';
import { ControlReply, type ControlRequest } from './control-protocol.ts';
import { linesOf } from './line-reader.ts';

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
  using hangUp = createHangUp(socket, `"${call.method}"`);
  if (!call.isLong) hangUp.after(CONTROL_ANSWER_MS);
  const takeBack = () => {
    socket.end();
    hangUp.after(CONTROL_STOP_MS);
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
    socket.destroy();
  }
}

interface HangUp extends Disposable {
  /** In so long from now, instead of when it was to be before. */
  after(ms: Milliseconds): void;
}

/** Hangs up on an engine that does not answer in time. */
function createHangUp(socket: Socket, what: string): HangUp {
  let timer: NodeJS.Timeout | undefined;
  return {
    after(ms) {
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
  const socket = createConnection(await findControlAddress(home));
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', (cause) => reject(new SyncError('ENGINE_NOT_RUNNING', { path: home }, { cause })));
  });
}
