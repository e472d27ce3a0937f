/** Devices to whom no stream leads, and nodes of a DHT as anybody may run them: they signal by records, and a link comes up. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import HyperDht, { type NoiseStream } from '@hyperswarm/dht';
import { expect, it, onTestFinished, vi } from 'vitest';
import { RECORD_BYTES } from '../../../src/limits.ts';
import { startNode } from '../../../src/net/dht/hyperdht-adapter.ts';
import { createTestEngines, shareConversation } from '../../support/engine/engines.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { until } from '../../support/time/until.ts';

const HOST = '127.0.0.1';

/** They keep announcements and records, and forward nothing; nobody listens by TCP. Returns the first one's address. */
async function startPlainDht(): Promise<string> {
  const fixed = { host: HOST, port: [0, 0], ephemeral: false, firewalled: false } as const;
  const first = await startNode({ ...fixed, bootstrap: [] });
  const others = await Promise.all([1, 2, 3].map(() => startNode({ ...fixed, bootstrap: [first.address()] })));
  onTestFinished(() => Promise.all([first, ...others].map((node) => node.destroy({ force: true }))).then(() => {}));
  return `${HOST}:${first.address().port}`;
}

/** What HyperDHT says when both sides' NATs draw a port for everybody. */
function holesComeToNothing(): NoiseStream {
  const why = Object.assign(new Error('both NATs draw their ports'), { code: 'HOLEPUNCH_DOUBLE_RANDOMIZED_NATS' });
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy(why));
  return Object.assign(stream, { remotePublicKey: Buffer.alloc(32), rawStream: null });
}

it('moves a file between two devices that signal by records, each of them small', async () => {
  const bootstrap = [await startPlainDht()];
  vi.spyOn(HyperDht.prototype, 'connect').mockImplementation(holesComeToNothing);
  const put = vi.spyOn(HyperDht.prototype, 'mutablePut');
  onTestFinished(() => void vi.restoreAllMocks());
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice', { bootstrap }), engines.start('bob', { bootstrap })]);
  const [atAlice] = await shareConversation(alice, bob);
  const bytes = randomBytes(300_000);
  const path = join(await temporaryDirectory(), 'tree.png');
  await writeFile(path, bytes);
  const { fileId } = await atAlice.sendFile(path);
  const received = join(await engines.home('bob'), 'conversation_data', atAlice.id, fileId);
  await until(async () => (await readFile(received).catch(() => undefined))?.equals(bytes) ?? false);

  const sizes = put.mock.calls.map(([, value]) => value.byteLength);
  expect(sizes.length).toBeGreaterThan(0);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(RECORD_BYTES);
  // Who answered a ring remembers it.
  const homes = await Promise.all(['alice', 'bob'].map((name) => engines.home(name)));
  const remembered = await Promise.all(homes.map((home) => readFile(join(home, 'rings.json'), 'utf8').catch(() => '')));
  expect(remembered.join('')).toContain('"key"');
});
