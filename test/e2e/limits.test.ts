/** Limits of bandwidth between two real processes, and what is small going before what is big. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BANDWIDTH_MIN, PACE_BURST_MS } from '../../src/limits.ts';
import type { RunningCli } from '../support/cli/built-program.ts';
import { type Device, startEngine, until } from '../support/cli/device.ts';
import { pathOf, type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';
import { someBytes } from '../support/fetcher/announced-file.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const RATE = 2 * MiB;
const FILE_BYTES = 2 * MiB;

interface Sent {
  readonly interaction: string;
  readonly fileId: string;
}

interface Transfer {
  readonly interaction: string;
  readonly phase: string;
  readonly bytes: number;
}

type Limits = Readonly<Record<string, number | string | null>>;

let stage: TwoDevices;
let engines: RunningCli[];
let other: string;

beforeAll(async () => {
  stage = await twoDevices();
  const { alice, bob, bootstrap } = stage;
  engines = await Promise.all([startEngine(alice, bootstrap), startEngine(bob, bootstrap)]);
  other = (await alice.ask<{ conversation: string }>('new', { title: 'Work' })).conversation;
  await alice.ask('invite', { conversation: other, uri: bob.uri });
  await until(async () => (await bob.invitations()).includes(other));
  await bob.ask('join', { conversation: other });
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.kill('SIGKILL')));
  await stage[Symbol.asyncDispose]();
});

let made = 0;

/** A new file that Alice announced and Bob knows of; nobody gets it unasked. */
async function announce(conversation: string, bytes = FILE_BYTES): Promise<Sent> {
  made += 1;
  const path = join(stage.folder, `recording-${made}.bin`);
  writeFileSync(path, someBytes(bytes, made));
  const sent = await stage.alice.ask<Sent>('send-file', { conversation, path });
  await until(async () => (await transferOf(conversation, sent)) !== undefined);
  return sent;
}

async function transferOf(conversation: string, { interaction }: Sent): Promise<Transfer | undefined> {
  const transfers = await stage.bob.ask<Transfer[]>('transfers', { conversation });
  return transfers.find((one) => one.interaction === interaction);
}

const accept = (conversation: string, { interaction }: Sent) =>
  stage.bob.ask('say', { conversation, word: 'accept', files: [interaction] });
const isHere = (conversation: string, { fileId }: Sent) => existsSync(pathOf(stage.bob, conversation, fileId));

/** Holds the limits for as long as the body takes. */
async function limited(device: Device, limits: Limits, body: () => Promise<void>): Promise<void> {
  await device.ask('limits', limits);
  await body();
  await device.ask('limits', { ...limits, ...('up' in limits ? { up: null } : { down: null }) });
}

describe('a limit of bandwidth', () => {
  it.each([
    ['up', 'alice'],
    ['down', 'bob'],
  ] as const)('%s holds for everything, and for one conversation', async (way, who) => {
    for (const scope of [{}, { conversation: stage.conversation }]) {
      await limited(stage[who], { ...scope, [way]: RATE }, async () => {
        const file = await announce(stage.conversation);
        const since = performance.now();
        await accept(stage.conversation, file);
        await until(() => isHere(stage.conversation, file));
        // What may come at once is not paid for; how much longer it takes is up to the machine.
        const seconds = (performance.now() - since + 2 * PACE_BURST_MS) / 1000;
        expect(FILE_BYTES / seconds).toBeLessThanOrEqual(RATE);
      });
    }
  });

  it('of one conversation leaves the others alone, and can be lifted while a file is under way', async () => {
    await limited(stage.alice, { conversation: stage.conversation, up: BANDWIDTH_MIN }, async () => {
      // At this rate the first one would take half an hour.
      const [held, free] = [await announce(stage.conversation), await announce(other)];
      await accept(stage.conversation, held);
      await until(async () => (await transferOf(stage.conversation, held))?.phase === 'running');
      await accept(other, free);
      await until(() => isHere(other, free));
      expect(isHere(stage.conversation, held)).toBe(false);
      await stage.alice.ask('limits', { conversation: stage.conversation, up: null });
      await until(() => isHere(stage.conversation, held));
    });
  });
});

describe('a picture', () => {
  it('overtakes a big file that is under way', async () => {
    await limited(stage.alice, { up: MiB }, async () => {
      // A minute's worth: many times what the picture can need.
      const film = await announce(stage.conversation, 64 * MiB);
      await accept(stage.conversation, film);
      await until(async () => ((await transferOf(stage.conversation, film))?.bytes ?? 0) > 0);
      const path = join(stage.folder, 'tree.png');
      writeFileSync(path, someBytes(200 * KiB));
      const picture = await stage.alice.ask<Sent>('send-file', { conversation: stage.conversation, path });
      await until(() => isHere(stage.conversation, picture));
      expect(isHere(stage.conversation, film)).toBe(false);
      await stage.alice.ask('limits', { up: null });
      await until(() => isHere(stage.conversation, film));
    });
  });
});
