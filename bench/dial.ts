/** From the wish for a link to the first bytes that the other side's channel brings, again and again, to another process. */
import { testAccount } from '../test/support/identity/accounts.ts';
import { createTestNets, type TestNet } from '../test/support/net/nets.ts';
import { type FarNet, startFarNet } from './far-net.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './figure.ts';
import { median } from './rounds.ts';

const LOOKED_AT = ['tcp', 'udp'] as const;

export const benchDial: Benchmark = async (options) => {
  const figures: Figure[] = [];
  for (const path of LOOKED_AT) figures.push(await dial(path, options));
  return figures;
};

async function dial(path: (typeof LOOKED_AT)[number], { quick, signal }: BenchmarkOptions): Promise<Figure> {
  const dials = quick ? 3 : 50;
  await using nets = await createTestNets();
  await using far = await startFarNet(nets, { path, bits: 4096 });
  const near = await nets.add({ keys: await testAccount('bench', { bits: 4096 }), paths: [path] });
  const spans: number[] = [];
  // The first one loads and warms up.
  for (let count = 0; count <= dials; count++) {
    const span = await firstBytes(near, far, signal);
    if (count > 0) spans.push(span);
  }
  const worst = Math.round(Math.max(...spans));
  const facts = { dials, worst, keys: 'RSA-4096', processes: 2 };
  return { name: `dial, ${path}`, unit: 'ms', ours: median(spans), facts };
}

async function firstBytes(near: TestNet, { device }: FarNet, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const channel = await near.net.openChannel(device, 'bench', { signal });
  await channel.send(new Uint8Array(1));
  await channel.end({ signal });
  let first: number | undefined;
  for await (const _ of channel.messages({ signal })) first ??= performance.now();
  await hangUp(near);
  return (first ?? Number.NaN) - began;
}

async function hangUp(near: TestNet): Promise<void> {
  near.refuse = 'it was only to measure';
  near.net.recheck();
  await near.until(() => near.net.links().length === 0);
  near.refuse = undefined;
}
