import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DeviceKeys } from '../../../../src/identity/identity.ts';
import {
  dialTls,
  dialTlsOver,
  listenTls,
  type TlsListener,
  type TlsStream,
} from '../../../../src/net/secure/tls-adapter.ts';
import { someBytes } from '../../../support/fetcher/announced-file.ts';
import { testAccount } from '../../../support/identity/accounts.ts';
import { portOf } from '../../../support/net/own-addresses.ts';
import { quietLog } from '../../../support/quiet-log.ts';

const { signal } = new AbortController();
const LENGTH = 1024 * 1024;

interface Ends {
  readonly dialled: TlsStream;
  readonly accepted: TlsStream;
}

function listen(keys: DeviceKeys, onStream: (stream: TlsStream) => void): Promise<TlsListener> {
  const options = { credentials: keys, hosts: ['127.0.0.1'], log: quietLog, isExpected: () => true };
  return listenTls({ ...options, onStream: (_, stream) => onStream(stream) });
}

async function connect(keys: DeviceKeys): Promise<Ends> {
  let accept: (stream: TlsStream) => void = () => {};
  const coming = new Promise<TlsStream>((resolve) => {
    accept = resolve;
  });
  const listener = await listen(keys, (stream) => accept(stream));
  const to = { host: '127.0.0.1', port: portOf(listener), localAddress: '127.0.0.1' };
  const dialled = await dialTls(to, { credentials: keys, name: 'somebody', signal });
  const accepted = await coming;
  onTestFinished(async () => {
    dialled.stream.destroy();
    accepted.stream.destroy();
    await listener.close();
  });
  return { dialled, accepted };
}

/** Two ends of a stream. Those writes of the near end that are to fail do so, as when the path under it was closed. */
function streamPair(isToFail: (write: number) => boolean): { readonly near: Duplex; readonly far: Duplex } {
  let writes = 0;
  const end = (other: () => Duplex, fails: () => boolean) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        if (fails()) return done(new TypeError('the path was closed'));
        setImmediate(() => void other().push(chunk));
        done();
      },
    });
  const near: Duplex = end(
    () => far,
    () => isToFail(writes++),
  );
  const far: Duplex = end(
    () => near,
    () => false,
  );
  return { near, far };
}

/** Copies: what is emitted does not hold for long. */
function hear({ stream }: TlsStream): { readonly heard: Buffer[]; readonly emitted: Uint8Array[] } {
  const heard: Buffer[] = [];
  const emitted: Uint8Array[] = [];
  stream.on('data', (bytes: Uint8Array) => {
    heard.push(Buffer.from(bytes));
    emitted.push(bytes);
  });
  return { heard, emitted };
}

describe('TLS streams', () => {
  let keys: DeviceKeys;
  beforeAll(async () => {
    keys = await testAccount('alice');
  });

  it.each(['dialled', 'accepted'] as const)(
    'bring the one that was %s all bytes in order, and the end',
    async (side) => {
      const ends = await connect(keys);
      const bytes = Buffer.from(someBytes(LENGTH));
      const { heard } = hear(ends[side]);
      (side === 'dialled' ? ends.accepted : ends.dialled).stream.end(bytes);
      await once(ends[side].stream, 'end', { signal });
      expect(Buffer.concat(heard).equals(bytes)).toBe(true);
    },
  );

  it('keep what comes before somebody listens', async () => {
    const { dialled, accepted } = await connect(keys);
    const bytes = Buffer.from(someBytes(LENGTH));
    accepted.stream.write(bytes.subarray(0, LENGTH / 2));
    while (dialled.stream.readableLength === 0) await new Promise(setImmediate);
    const { heard } = hear(dialled);
    accepted.stream.end(bytes.subarray(LENGTH / 2));
    await once(dialled.stream, 'end', { signal });
    expect(Buffer.concat(heard).equals(bytes)).toBe(true);
  });

  it.each(['dialled', 'accepted'] as const)('read what comes for the one that was %s into one buffer', async (side) => {
    const ends = await connect(keys);
    const { emitted } = hear(ends[side]);
    (side === 'dialled' ? ends.accepted : ends.dialled).stream.end(someBytes(LENGTH));
    await once(ends[side].stream, 'end', { signal });
    expect(new Set(emitted.map(({ buffer }) => buffer)).size).toBe(1);
  });

  it('bring all bytes, and the end, over a stream that exists, and read them into one buffer there as well', async () => {
    const bytes = Buffer.from(someBytes(LENGTH));
    const listener = await listen(keys, ({ stream }) => stream.end(bytes));
    const { near, far } = streamPair(() => false);
    listener.accept(far);
    const dialled = await dialTlsOver(near, { credentials: keys, name: 'somebody', signal });
    const { heard, emitted } = hear(dialled);
    await once(dialled.stream, 'end', { signal });
    dialled.stream.destroy();
    await listener.close();
    expect(Buffer.concat(heard).equals(bytes)).toBe(true);
    // What came before somebody listened was kept elsewhere.
    expect(new Set(emitted.map(({ buffer }) => buffer)).size).toBeLessThan(emitted.length / 2);
  });

  it('end nothing but themselves when the path under them is closed as the handshake ends', async () => {
    const uncaught: unknown[] = [];
    const remember = (error: unknown) => void uncaught.push(error);
    process.on('uncaughtException', remember);
    const listener = await listen(keys, ({ stream }) => stream.destroy());
    // The first one begins the handshake, the second one ends it.
    const { near, far } = streamPair((write) => write > 0);
    listener.accept(far);
    // It may count as connected for a moment.
    await dialTlsOver(near, { credentials: keys, name: 'somebody', signal }).catch(() => undefined);
    if (!near.closed) await once(near, 'close', { signal });
    await listener.close();
    process.off('uncaughtException', remember);
    expect(uncaught).toEqual([]);
  });
});
