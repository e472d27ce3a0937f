/** What a process takes up that holds many links at once. The devices at their other ends live in this one. Takes a minute. */
import { secondTestDevice } from '../test/support/identity/accounts.ts';
import { createTestNets } from '../test/support/net/nets.ts';
import { startFarNet } from './far-net.ts';
import type { Benchmark } from './figure.ts';
import { residentMemory } from './resident-memory.ts';

/** An account may not have all of them. */
const ACCOUNTS = 10;

export const benchLinks: Benchmark = async ({ quick, signal }) => {
  const each = quick ? 1 : 20;
  await using nets = await createTestNets();
  await using far = await startFarNet(nets, { path: 'tcp' });
  const before = await residentMemory(far.pid);
  const devices = Array.from({ length: ACCOUNTS * each }, (_, at) => ({ account: at % ACCOUNTS, device: `${at}` }));
  const link = async ({ account, device }: (typeof devices)[number]) => {
    const keys = await secondTestDevice(`bench ${account}`, device);
    const { net } = await nets.add({ keys, paths: ['tcp'] });
    await net.link(far.device, { signal });
  };
  // One after the other: from one address only so many may shake hands at once.
  for (const device of devices) await link(device);
  const facts = { links: devices.length, before: Math.round(before) };
  return [{ name: 'links, memory of who holds them', unit: 'MiB', ours: await residentMemory(far.pid), facts }];
};
