import { afterAll, beforeAll } from 'vitest';
import type { PathKind } from '../../src/net/net.ts';
import type { Channel } from '../../src/ports.ts';
import { secondTestDevice, testAccount } from '../support/identity/accounts.ts';
import type { ChannelPair } from '../support/net/channel-pair.ts';
import { createTestNets, type TestNet } from '../support/net/nets.ts';
import { patience } from '../support/time/patience.ts';
import { describeChannel } from './channel.contract.ts';

const PATHS: readonly PathKind[] = ['tcp', 'ice-tcp', 'udp'];

for (const path of PATHS) {
  let nets: Awaited<ReturnType<typeof createTestNets>>;
  let left: TestNet;
  let right: TestNet;

  beforeAll(async () => {
    nets = await createTestNets();
    left = await nets.add({ keys: await testAccount('contract'), paths: [path] });
    right = await nets.add({ keys: await secondTestDevice('contract'), paths: [path] });
  });
  afterAll(async () => {
    await nets[Symbol.asyncDispose]();
  });

  describeChannel(`a link over ${path}`, async (name): Promise<ChannelPair> => {
    const { device } = await secondTestDevice('contract');
    const before = right.served.length;
    const opened = await left.net.openChannel(device, name, { signal: patience() });
    await right.until(() => right.served.length > before);
    const served = right.served[before] as Channel;
    return {
      left: opened,
      right: served,
      async [Symbol.asyncDispose]() {
        opened.close('test is over');
        served.close('test is over');
      },
    };
  });
}
