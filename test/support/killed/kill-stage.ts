/** Two accounts in a folder, with a conversation that both have joined, and their engines in processes of their own. */
import { join } from 'node:path';
import { createDevice, startDht, startEngine, until } from '../cli/device.ts';
import { placeAccount } from '../identity/accounts.ts';
import type { KillStage } from './kill-run.ts';

/** Makes the accounts as well. */
export async function makeKillStage(
  folder: string,
  engineOptions: readonly string[] = [],
): Promise<KillStage & AsyncDisposable> {
  const homes = { sender: join(folder, 'sender'), receiver: join(folder, 'receiver') };
  await Promise.all([placeAccount(homes.sender, 'Sender'), placeAccount(homes.receiver, 'Receiver')]);
  const dht = await startDht();
  const personOf = async (home: string) => ({
    home,
    engine: await startEngine({ home }, dht.bootstrap, ...engineOptions),
  });
  const people = { sender: await personOf(homes.sender), receiver: await personOf(homes.receiver) };
  const [one, other] = [await createDevice(homes.sender), await createDevice(homes.receiver)];
  const [made] = await one.json<{ conversation: string }>('new', '--title', 'Endurance');
  const conversation = made?.conversation ?? '';
  await one.json('invite', conversation, other.uri);
  await until(async () => (await other.invitations()).length > 0);
  await other.json('join', conversation);
  await until(async () => (await one.head()) === (await other.head()));
  return {
    ...{ folder, bootstrap: dht.bootstrap, conversation, engineOptions, ...people },
    async [Symbol.asyncDispose]() {
      await Promise.all([people.sender.engine.kill('SIGKILL'), people.receiver.engine.kill('SIGKILL')]);
      await dht.kill('SIGKILL');
    },
  };
}
