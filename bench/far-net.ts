/** A net in a process of its own, which counts what it is sent, and how fast bytes get there. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DeviceId } from '../src/ids.ts';
import { TRANSFER_MESSAGE_BYTES } from '../src/limits.ts';
import type { Net, PathKind } from '../src/net/net.ts';
import type { TestNets } from '../test/support/net/nets.ts';
import { rateOf } from './rounds.ts';
import { MiB } from './seeded-file.ts';

const SCRIPT = fileURLToPath(new URL('../test/support/net/net-process.ts', import.meta.url));

export interface FarNet extends AsyncDisposable {
  readonly device: DeviceId;
  readonly pid: number;
}

/** `bits` are those of its keys. */
export async function startFarNet(
  { dht }: TestNets,
  { path, bits = 2048 }: { readonly path: PathKind; readonly bits?: 2048 | 4096 },
): Promise<FarNet> {
  const words = [String(dht.port), randomBytes(32).toString('hex'), path, String(bits)];
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const exited = once(child, 'exit');
  return {
    device: DeviceId.parse(JSON.parse(line.toString()).device),
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

/** MiB per second of `messages` through a channel, until the other side says that it has them all. */
export async function channelRate(
  near: Net,
  { device }: FarNet,
  { messages, signal }: { readonly messages: number; readonly signal: AbortSignal },
): Promise<number> {
  await using channel = await near.openChannel(device, 'bench', { signal });
  const message = new Uint8Array(TRANSFER_MESSAGE_BYTES);
  return await rateOf((messages * TRANSFER_MESSAGE_BYTES) / MiB, async () => {
    for (let sent = 0; sent < messages; sent++) await channel.send(message);
    await channel.end({ signal });
    for await (const _ of channel.messages({ signal }));
  });
}
