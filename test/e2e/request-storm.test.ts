/** A thousand requests at once, from whoever: each is refused cheaply and told why, and nothing is hashed again for it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FILE_ANSWER_TYPE, FILE_REQUEST_TYPE } from '../../src/events/peer/file-request.ts';
import { DeviceId } from '../../src/ids.ts';
import { REQUESTS_PER_MINUTE } from '../../src/limits.ts';
import type { RunningCli } from '../support/cli/built-program.ts';
import { startEngine, until } from '../support/cli/device.ts';
import { pathOf, type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';
import { someBytes } from '../support/fetcher/announced-file.ts';
import { placeAccount } from '../support/identity/accounts.ts';
import { type RawPeer, startRawPeer } from '../support/net/raw-peer.ts';

const REQUESTS = 1000;
const FILE_BYTES = 32 * 1024 * 1024;

let stage: TwoDevices;
let engine: RunningCli;
let interaction: string;

beforeAll(async () => {
  stage = await twoDevices();
  const { alice, bootstrap, conversation, folder } = stage;
  engine = await startEngine(alice, bootstrap);
  const path = join(folder, 'recording.bin');
  writeFileSync(path, someBytes(FILE_BYTES));
  const [sent] = await alice.json<{ interaction: string; fileId: string }>('send-file', conversation, path);
  interaction = sent?.interaction ?? '';
  // As long as before: nothing but its digest tells that it is another one. Put there whole, so that it is hashed once.
  const other = join(folder, 'other.bin');
  writeFileSync(other, someBytes(FILE_BYTES, 2));
  renameSync(other, pathOf(alice, conversation, sent?.fileId ?? ''));
  // The engine sees by itself that it changed, and hashes it then.
  await until(async () => (await alice.ask<Status>('status')).waiting.some(({ state }) => state === 'corrupt'));
});

interface Status {
  readonly waiting: readonly { readonly state: string }[];
}
afterAll(async () => {
  await engine.kill('SIGKILL');
  await stage[Symbol.asyncDispose]();
});

interface Asked {
  readonly conversation?: string;
  readonly interaction?: string;
  readonly deviceId?: string;
}

/** Sends the same request so many times; resolves to how often each reason came back. */
async function storm(peer: RawPeer, asked: Asked, times = REQUESTS): Promise<Readonly<Record<string, number>>> {
  const request = { conversation: stage.conversation, interaction, ...asked };
  const answers = () => peer.heard.filter(({ type }) => type === FILE_ANSWER_TYPE);
  const before = answers().length;
  await peer.send(
    FILE_REQUEST_TYPE,
    Array.from({ length: times }, () => request),
  );
  await until(() => answers().length === before + times);
  const counts: Record<string, number> = {};
  for (const { content } of answers().slice(before)) {
    const reason = String(content['reason']);
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

/** Requests that came back by the passing of time, rounded up. */
function allowedSince(began: number): number {
  return Math.ceil(((performance.now() - began) / 60_000) * REQUESTS_PER_MINUTE);
}

/** Bytes the engine has read so far, from whatever (Linux). */
function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${engine.pid}/io`, 'utf8'))?.[1]);
}

async function peerOf(home: string): Promise<RawPeer> {
  const { bootstrap, alice } = stage;
  return await startRawPeer({ home, bootstrap, target: DeviceId.parse(alice.device) });
}

it('a member that asks a thousand times for a file that is wrong here has it hashed no more, and is told to ask less', async () => {
  await using peer = await peerOf(stage.bob.home);
  const [before, began] = [bytesRead(), performance.now()];
  const {
    'digest-mismatch': judged = 0,
    'too-many-requests': turnedAway,
    ...others
  } = await storm(peer, {
    deviceId: stage.bob.device,
  });
  // A minute's worth at once, and what comes back while the storm lasts.
  expect(judged).toBeGreaterThanOrEqual(REQUESTS_PER_MINUTE);
  expect(judged).toBeLessThanOrEqual(REQUESTS_PER_MINUTE + allowedSince(began));
  expect({ turnedAway, others }).toEqual({ turnedAway: REQUESTS - judged, others: {} });
  expect(bytesRead() - before).toBeLessThan(FILE_BYTES / 2);
});

it('a stranger is told no, for whatever it asks, and has nothing read from the disk', async () => {
  const home = join(stage.folder, 'carol');
  const { device: deviceId } = await placeAccount(home, 'Carol');
  await using peer = await peerOf(home);
  const [before, began] = [bytesRead(), performance.now()];
  expect(await storm(peer, { deviceId }, 100)).toEqual({ 'not-a-member': 100 });
  expect(await storm(peer, { deviceId, interaction: 'b'.repeat(40) }, 100)).toEqual({ 'not-a-member': 100 });
  expect(await storm(peer, { deviceId, conversation: 'b'.repeat(40) }, 100)).toEqual({ 'unknown-conversation': 100 });
  expect(await storm(peer, { deviceId: stage.bob.device }, 100)).toEqual({ 'not-that-device': 100 });
  const turnedAway = (await storm(peer, { deviceId }))['too-many-requests'];
  expect(turnedAway).toBeGreaterThanOrEqual(REQUESTS + 400 - REQUESTS_PER_MINUTE - allowedSince(began));
  expect(bytesRead() - before).toBeLessThan(FILE_BYTES / 2);
});

it('what came is counted, and status tells it', async () => {
  const [status] = await stage.alice.json<{ requests: { served: number; declined: Record<string, number> } }>('status');
  const { served, declined } = status?.requests ?? { served: -1, declined: {} };
  expect(served).toBe(0);
  expect(Object.values(declined).reduce((sum, count) => sum + count, 0)).toBe(2 * REQUESTS + 400);
  const { stdout } = await stage.alice.run('status');
  expect(stdout).toMatch(/^requests: 0 served, 2400 declined \(.*not-a-member \d+.*\)$/m);
});
