import { once } from 'node:events';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { dialTls, listenTls, type TlsStream } from '../../../src/net/secure/tls-adapter.ts';
import { testAccount } from '../../support/accounts.ts';
import { someBytes } from '../../support/announced-file.ts';
import { quietLog } from '../../support/nets.ts';

const { signal } = new AbortController();
const LENGTH = 1024 * 1024;

interface Ends {
  readonly dialled: TlsStream;
  readonly accepted: TlsStream;
}

async function connect(keys: DeviceKeys): Promise<Ends> {
  let accept: (stream: TlsStream) => void = () => {};
  const coming = new Promise<TlsStream>((resolve) => {
    accept = resolve;
  });
  const options = { credentials: keys, host: '127.0.0.1', log: quietLog, isExpected: () => true };
  const listener = await listenTls({ ...options, onStream: (_, stream) => accept(stream) });
  const to = { ...listener.address, localHost: '127.0.0.1' };
  const dialled = await dialTls(to, { credentials: keys, name: 'somebody', signal });
  const accepted = await coming;
  onTestFinished(async () => {
    dialled.stream.destroy();
    accepted.stream.destroy();
    await listener.close();
  });
  return { dialled, accepted };
}

/** Copies: what is emitted does not hold for long. */
function hear({ stream, release }: TlsStream): { readonly heard: Buffer[]; readonly emitted: Uint8Array[] } {
  const heard: Buffer[] = [];
  const emitted: Uint8Array[] = [];
  stream.on('data', (bytes: Uint8Array) => {
    heard.push(Buffer.from(bytes));
    emitted.push(bytes);
    release(bytes);
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

  it('give up the memory of what came in and was released, without waiting for the garbage collector', async () => {
    const { dialled, accepted } = await connect(keys);
    const { emitted } = hear(accepted);
    dialled.stream.end(someBytes(LENGTH));
    await once(accepted.stream, 'end', { signal });
    const given = emitted.filter(({ buffer }) => buffer.byteLength === 0);
    expect(given.length).toBeGreaterThan(emitted.length / 2);
  });
});
