/** TLS as it is offered to strangers: nothing older, nothing weaker, nothing taken up again, and nobody for long. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DeviceKeys } from '../../../src/identity/identity.ts';
import { HANDSHAKES_PENDING, HANDSHAKES_PER_ADDRESS } from '../../../src/limits.ts';
import { type ListenOptions, listenTls, type TlsListener } from '../../../src/net/secure/tls-adapter.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { addressOf } from '../../support/net/own-addresses.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { patience } from '../../support/time/patience.ts';
import { until } from '../../support/time/until.ts';

const NAME = '0123456789abcdef';
/** Long enough for a handshake on a busy machine, short enough to wait for. */
const HASTE_MS = 500;
/** Who is hung up on is so for another reason than being slow. */
const AT_LEISURE = { handshakeMs: 3_600_000 };

let [alice, bob]: DeviceKeys[] = [];
beforeAll(async () => {
  [alice, bob] = await Promise.all([testAccount('alice'), testAccount('bob')]);
});

/** Bob's listener, as it is but for what is said; it greets whoever gets in. */
async function listen(options: Partial<ListenOptions> = {}): Promise<TlsListener> {
  if (bob === undefined) throw new TypeError('the accounts are made first');
  const listener = await listenTls({
    ...{ credentials: bob, hosts: ['127.0.0.1'], log: quietLog },
    isExpected: (name) => name === NAME,
    onStream: (_, { stream }) => {
      onTestFinished(() => void stream.destroy());
      stream.write('welcome');
    },
    ...options,
  });
  onTestFinished(() => listener.close());
  return listener;
}

interface Outcome {
  readonly socket: TLSSocket;
  readonly isWelcome: boolean;
  /** What it may offer the next time; more may follow. */
  readonly sessions: readonly Buffer[];
}

/** Alice's device as a raw client that does what is said. */
async function tryIn(listener: TlsListener, options: ConnectionOptions = {}): Promise<Outcome> {
  const credentials = { cert: alice?.chainPem, key: alice?.privateKeyPem };
  const socket = connectTls({
    ...addressOf(listener),
    servername: NAME,
    rejectUnauthorized: false,
    ...credentials,
    ...options,
  });
  const sessions: Buffer[] = [];
  socket.on('session', (session) => sessions.push(session));
  onTestFinished(() => void socket.destroy());
  const isWelcome = await new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
  return { socket, isWelcome, sessions };
}

async function closed(socket: Socket): Promise<void> {
  // An error on the way there is part of it.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

/** A connection that says nothing, or one byte after the other of something that has no end. */
async function hold(listener: TlsListener, from = '127.0.0.1'): Promise<Socket> {
  const socket = connectTcp({ ...addressOf(listener), localAddress: from });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect', { signal: patience() });
  return socket;
}

describe('the TLS listener', () => {
  it('lets in who does it right', async () => {
    const { isWelcome, socket } = await tryIn(await listen());
    expect({ isWelcome, protocol: socket.getProtocol() }).toEqual({ isWelcome: true, protocol: 'TLSv1.3' });
  });

  it('speaks nothing older than TLS 1.3', async () => {
    expect((await tryIn(await listen(), { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })).isWelcome).toBe(false);
  });

  it.each(['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'])(
    'speaks %s',
    async (ciphers) => {
      const { isWelcome, socket } = await tryIn(await listen(), { ciphers });
      expect({ isWelcome, cipher: socket.getCipher().standardName }).toEqual({ isWelcome: true, cipher: ciphers });
    },
  );

  it.each(['TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256'])('does not speak %s', async (ciphers) => {
    expect((await tryIn(await listen(), { ciphers })).isWelcome).toBe(false);
  });

  it('takes no session up again, not even for the device that had it', async () => {
    const listener = await listen();
    const { sessions } = await tryIn(listener);
    // TLS 1.3 hands them out after the handshake.
    await until(() => sessions.length > 0);
    for (const session of sessions) {
      const { socket, isWelcome } = await tryIn(listener, { session });
      expect({ isWelcome, isReused: socket.isSessionReused() }).toEqual({ isWelcome: true, isReused: false });
    }
  });

  it('hangs up on who says nothing, and on who says one byte after the other', async () => {
    const listener = await listen({ handshakeMs: HASTE_MS });
    const [silent, slow] = await Promise.all([hold(listener), hold(listener)]);
    // The header of a TLS record of 512 bytes, and then its content without end.
    slow.write(Buffer.from('1603010200', 'hex'));
    const drip = setInterval(() => slow.write(Buffer.alloc(1)), HASTE_MS / 10);
    onTestFinished(() => clearInterval(drip));
    await Promise.all([closed(silent), closed(slow)]);
  });

  it('holds few unfinished handshakes of one address, and those of others meanwhile', async () => {
    const listener = await listen(AT_LEISURE);
    const other = await hold(listener, '127.0.0.2');
    const held: Socket[] = [];
    for (let count = 0; count <= HANDSHAKES_PER_ADDRESS; count += 1) held.push(await hold(listener));
    await expectOldestGone(held);
    expect(other.closed).toBe(false);
    expect((await tryIn(listener)).isWelcome).toBe(true);
  });

  it('holds few unfinished handshakes in all, and lets in who does it right meanwhile', async () => {
    const listener = await listen(AT_LEISURE);
    const held: Socket[] = [];
    for (let count = 0; count <= HANDSHAKES_PENDING; count += 1)
      held.push(await hold(listener, `127.0.0.${2 + (count % 4)}`));
    await expectOldestGone(held);
    expect((await tryIn(listener)).isWelcome).toBe(true);
  });
});

async function expectOldestGone([oldest, ...others]: readonly Socket[]): Promise<void> {
  if (oldest) await closed(oldest);
  expect(others.map((socket) => socket.closed)).not.toContain(true);
}
