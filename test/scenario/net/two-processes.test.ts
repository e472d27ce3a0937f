/** The same between two processes, one of which comes and goes. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeviceId } from '../../../src/ids.ts';
import type { PathKind } from '../../../src/net/net.ts';
import { testAccount } from '../../support/identity/accounts.ts';
import { createTestNets, type TestNets } from '../../support/net/nets.ts';
import { type BundledScript, bundledScript } from '../../support/runner/bundled-script.ts';
import { patience } from '../../support/time/patience.ts';

const { signal } = new AbortController();
const SCRIPT = fileURLToPath(new URL('../../support/net/net-process.ts', import.meta.url));
const SIZE = 32 * 1024 * 1024;

let script: BundledScript;
beforeAll(async () => {
  script = await bundledScript(SCRIPT);
});
afterAll(() => script[Symbol.asyncDispose]());

let nets: TestNets;
const children: ChildProcessByStdio<Writable, Readable, null>[] = [];
beforeEach(async () => {
  nets = await createTestNets();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await nets[Symbol.asyncDispose]();
});

async function start(path: PathKind, seed: string) {
  const args = [script.path, String(nets.dht.port), seed, path];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data', { signal: patience() })) as [Buffer];
  return { child, device: DeviceId.parse(JSON.parse(line.toString()).device) };
}

describe.each<PathKind>(['tcp', 'udp'])('over a %s path', (path) => {
  it('moves bytes to another process, which ends by itself once its net is closed', async () => {
    const { child, device } = await start(path, randomBytes(32).toString('hex'));
    const a = await nets.add({ keys: await testAccount('alice'), paths: [path] });
    const channel = await a.net.openChannel(device, 'msg:bytes', { signal });
    const message = new Uint8Array(256 * 1024);
    for (let sent = 0; sent < SIZE; sent += message.byteLength) await channel.send(message);
    await channel.end({ signal });
    for await (const answer of channel.messages({ signal })) expect(Buffer.from(answer).toString()).toBe(String(SIZE));
    const exited = once(child, 'exit', { signal: patience() });
    child.stdin.end();
    expect(await exited).toEqual([0, null]);
    await a.until(() => a.net.links().length === 0);
  });

  it('notices that the other process stands still or was killed, and links the one that comes after it with the same DHT key', async () => {
    const seed = randomBytes(32).toString('hex');
    const first = await start(path, seed);
    const a = await nets.add({ keys: await testAccount('alice'), paths: [path] });
    const channel = await a.net.openChannel(first.device, 'msg:bytes', { signal });
    const reading = channel.messages({ signal })[Symbol.asyncIterator]().next();
    const lost = expect(reading).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
    // Of a process that stands still the connection stays open: only the heartbeat finds out.
    first.child.kill(path === 'tcp' ? 'SIGSTOP' : 'SIGKILL');
    await lost;
    first.child.kill('SIGKILL');
    await a.until(() => a.net.links().length === 0);
    // It is still announced, and nobody answers.
    await expect(a.net.link(first.device, { signal })).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' });
    const second = await start(path, seed);
    expect((await a.net.link(second.device, { signal })).peer.device).toBe(second.device);
  });
});
