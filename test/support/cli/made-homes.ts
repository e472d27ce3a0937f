/**
 * Runs once before the end-to-end tests: two accounts and a conversation both have joined.
 * The tests work on copies (`two-devices.ts`).
 */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeFolderSync } from '../folders/remove-folder.ts';
import { placeAccount } from '../identity/accounts.ts';
import { createDevice, startDht, startEngine, until } from './device.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder with `fresh/{alice,bob}`, accounts only, and `joined/{alice,bob}`, with the conversation. */
    readonly homes: string;
    readonly conversation: string;
  }
}

export async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'swarmlog-homes-'));
  const tearDown = () => removeFolderSync(folder);
  try {
    provide('conversation', await makeHomes(folder));
    provide('homes', folder);
    return tearDown;
  } catch (error) {
    tearDown();
    throw error;
  }
}

/** Makes `fresh/{alice,bob}` and `joined/{alice,bob}` in the folder, and returns the conversation of the latter. */
export async function makeHomes(folder: string): Promise<string> {
  const names = ['alice', 'bob'] as const;
  await Promise.all(names.map((name) => placeAccount(join(folder, 'fresh', name), name)));
  cpSync(join(folder, 'fresh'), join(folder, 'joined'), { recursive: true });
  return haveBothJoin(join(folder, 'joined'));
}

async function haveBothJoin(folder: string): Promise<string> {
  await using dht = await startDht();
  const [alice, bob] = await Promise.all([createDevice(join(folder, 'alice')), createDevice(join(folder, 'bob'))]);
  await using _ = await startEngine(alice, dht.bootstrap);
  await using __ = await startEngine(bob, dht.bootstrap);
  const [created] = await alice.json<{ conversation: string }>('new', '--title', 'Holidays');
  const conversation = created?.conversation ?? '';
  await alice.json('invite', conversation, bob.uri);
  await until(async () => (await bob.invitations()).length > 0);
  await bob.json('join', conversation);
  await until(async () => (await alice.head()) === (await bob.head()));
  return conversation;
}
