import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callEngine } from '../../../../src/engine/control/call-engine-adapter.ts';
import type { ControlHandler } from '../../../../src/engine/control/control-protocol.ts';
import { serveControl } from '../../../../src/engine/control/serve-control-adapter.ts';
import { SyncError } from '../../../../src/errors.ts';
import { CONTROL_MESSAGE_BYTES } from '../../../../src/limits.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../../support/thrown.ts';

const { signal } = new AbortController();

async function connect(home: string): Promise<Socket> {
  const socket = createConnection(join(home, 'control.sock'));
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('the control socket', () => {
  it('gives the result of what was asked', async () => {
    const home = await temporaryDirectory();
    await using _ = await serveControl(home, async ({ method, params }) => ({ method, params }));
    expect(await callEngine(home, { method: 'status', params: { n: 1 }, signal })).toEqual({
      method: 'status',
      params: { n: 1 },
    });
  });

  it('gives the events before the result', async () => {
    const home = await temporaryDirectory();
    await using _ = await serveControl(home, async (_request, { emit }) => {
      for (let n = 0; n < 100; n += 1) emit({ n });
      return 'done';
    });
    const events: unknown[] = [];
    const result = await callEngine(home, { method: 'fetch', signal, onEvent: (event) => events.push(event) });
    expect(result).toBe('done');
    expect(events).toEqual(Array.from({ length: 100 }, (_event, n) => ({ n })));
  });

  it('gives an error as the engine said it: code, sentence and data', async () => {
    const home = await temporaryDirectory();
    const failure = new SyncError('CONVERSATION_UNKNOWN', { conversation: 'abc' });
    await using _ = await serveControl(home, () => Promise.reject(failure));
    const error = await thrownBy('CONVERSATION_UNKNOWN', () => callEngine(home, { method: 'send', signal }));
    expect(error.toJSON()).toEqual(failure.toJSON());
  });

  it('calls a defect of the engine what it is', async () => {
    const home = await temporaryDirectory();
    await using _ = await serveControl(home, () => Promise.reject(new TypeError('x is undefined')));
    const error = await thrownBy('UNREACHABLE', () => callEngine(home, { method: 'send', signal }));
    expect(error.message).toContain('x is undefined');
  });

  it('says that a request was taken back, when nothing came of it', async () => {
    const home = await temporaryDirectory();
    const begun = withResolvers();
    const handle: ControlHandler = async (_request, call) => {
      begun.resolve();
      await once(call.signal, 'abort');
      throw call.signal.reason;
    };
    await using _ = await serveControl(home, handle);
    const leaving = new AbortController();
    const calling = callEngine(home, { method: 'fetch', signal: leaving.signal, isLong: true });
    await begun.promise;
    const reason = new SyncError('CANCELLED', { what: 'The test' });
    leaving.abort(reason);
    await expect(calling).rejects.toBe(reason);
  });

  it('gives the result of a request that was taken back too late', async () => {
    const home = await temporaryDirectory();
    const begun = withResolvers();
    const handle: ControlHandler = async (_request, call) => {
      begun.resolve();
      await once(call.signal, 'abort');
      return 'done before';
    };
    await using _ = await serveControl(home, handle);
    const leaving = new AbortController();
    const calling = callEngine(home, { method: 'send-file', signal: leaving.signal, isLong: true });
    await begun.promise;
    leaving.abort();
    expect(await calling).toBe('done before');
  });

  it('tells the handler when the caller has gone', async () => {
    const home = await temporaryDirectory();
    const begun = withResolvers();
    const ended = withResolvers<unknown>();
    const handle: ControlHandler = async (_request, call) => {
      begun.resolve();
      call.signal.addEventListener('abort', () => ended.resolve(call.signal.reason));
      await ended.promise;
    };
    await using _ = await serveControl(home, handle);
    const socket = await connect(home);
    socket.write('{"id":1,"method":"fetch"}\n');
    await begun.promise;
    socket.destroy();
    expect(await ended.promise).toMatchObject({ code: 'CANCELLED' });
  });

  it('says that nothing runs where nothing does', async () => {
    const home = await temporaryDirectory();
    await thrownBy('ENGINE_NOT_RUNNING', () => callEngine(home, { method: 'status', signal }));
    await using engine = await serveControl(home, async () => 1);
    await engine[Symbol.asyncDispose]();
    await thrownBy('ENGINE_NOT_RUNNING', () => callEngine(home, { method: 'status', signal }));
  });

  it('says that the engine ended when it ends under a question', async () => {
    const home = await temporaryDirectory();
    const begun = withResolvers();
    await using engine = await serveControl(home, async () => {
      begun.resolve();
      await new Promise(() => {});
    });
    const calling = thrownBy('ENGINE_NOT_RUNNING', () => callEngine(home, { method: 'join', signal, isLong: true }));
    await begun.promise;
    await engine[Symbol.asyncDispose]();
    await calling;
  });

  it('takes the place of one that a killed engine left behind, and is its owner’s alone', async () => {
    const home = await temporaryDirectory();
    await writeFile(join(home, 'control.sock'), '');
    await using _ = await serveControl(home, async () => 'here');
    expect(await callEngine(home, { method: 'status', signal })).toBe('here');
    expect((await stat(join(home, 'control.sock'))).mode & 0o777).toBe(0o600);
  });

  it('works in a home whose path is too long for a socket', async () => {
    const home = join(await temporaryDirectory(), 'deep'.repeat(30));
    await mkdir(home);
    await using _ = await serveControl(home, async () => 'here');
    expect(await callEngine(home, { method: 'status', signal })).toBe('here');
    expect(await readdir(home)).toEqual(['control.path']);
  });

  it('takes away what a killed engine left elsewhere, and nothing else', async () => {
    const [folder, former] = [await temporaryDirectory(), await temporaryDirectory()];
    const home = join(folder, 'deep'.repeat(30));
    await mkdir(home);
    await writeFile(join(former, 'control.sock'), '');
    await writeFile(join(home, 'control.path'), join(former, 'control.sock'));
    await (await serveControl(home, async () => 'here'))[Symbol.asyncDispose]();
    await expect(stat(former)).rejects.toThrow('ENOENT');
    await writeFile(join(home, 'control.path'), join(folder, 'else', 'control.sock'));
    await mkdir(join(folder, 'else'));
    await writeFile(join(folder, 'else', 'mine'), '');
    await (await serveControl(home, async () => 'here'))[Symbol.asyncDispose]();
    expect(await readdir(join(folder, 'else'))).toEqual(['mine']);
  });

  it('takes no request that is too long, and says so', async () => {
    const home = await temporaryDirectory();
    await using _ = await serveControl(home, async () => 'here');
    const text = 'x'.repeat(CONTROL_MESSAGE_BYTES);
    await thrownBy('LIMIT_EXCEEDED', () => callEngine(home, { method: 'send', params: { text }, signal }));
    const socket = await connect(home);
    socket.write(`${text}x\n`);
    await once(socket, 'close');
    expect(await callEngine(home, { method: 'status', signal })).toBe('here');
  });

  it('gives answers that are longer than any request', async () => {
    const home = await temporaryDirectory();
    const long = 'x'.repeat(10 * CONTROL_MESSAGE_BYTES);
    await using _ = await serveControl(home, async () => long);
    expect(await callEngine(home, { method: 'status', signal })).toBe(long);
  });

  it.each(['nonsense', '{}', '[]', '{"id":-1,"method":"status"}', '{"id":1,"method":7}'])(
    'answers %s, which is no request, and goes on',
    async (line) => {
      const home = await temporaryDirectory();
      await using _ = await serveControl(home, async () => 'here');
      const socket = await connect(home);
      socket.write(`${line}\n{"id":7,"method":"status"}\n`);
      let text = '';
      for await (const piece of socket) {
        text += String(piece);
        if (text.split('\n').length > 2) break;
      }
      const replies = text
        .trim()
        .split('\n')
        .map((reply) => JSON.parse(reply));
      expect(replies).toEqual([
        { id: 0, error: expect.objectContaining({ code: 'MALFORMED' }) },
        { id: 7, result: 'here' },
      ]);
    },
  );
});

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function withResolvers<T = void>(): Resolvers<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((given) => {
    resolve = given;
  });
  return { promise, resolve };
}
