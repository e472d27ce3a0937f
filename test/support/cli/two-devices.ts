/** Two devices on one machine, with a DHT of their own: copies of the homes that were made for this run. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { temporaryFolder } from './built-program.ts';
import { createDevice, type Device, startDht } from './device.ts';

export interface TwoDevices extends AsyncDisposable {
  readonly folder: string;
  readonly bootstrap: string;
  readonly alice: Device;
  readonly bob: Device;
  /** The one both have joined; in fresh homes there is none. */
  readonly conversation: string;
}

export async function twoDevices(kind: 'fresh' | 'joined' = 'joined'): Promise<TwoDevices> {
  const folder = temporaryFolder();
  cpSync(join(inject('homes'), kind), folder.path, { recursive: true });
  const [dht, alice, bob] = await Promise.all([
    startDht(),
    createDevice(join(folder.path, 'alice')),
    createDevice(join(folder.path, 'bob')),
  ]);
  return {
    folder: folder.path,
    bootstrap: dht.bootstrap,
    alice,
    bob,
    conversation: inject('conversation'),
    async [Symbol.asyncDispose]() {
      await dht.kill('SIGKILL');
      folder[Symbol.dispose]();
    },
  };
}

/** Where a device keeps a file of a conversation. */
export function pathOf({ home }: Device, conversation: string, fileId: string): string {
  return join(home, 'conversation_data', conversation, fileId);
}
