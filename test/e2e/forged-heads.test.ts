/** A member's device that offers a forged head again and again, to the program as a user runs it. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PEER_MESSAGE_TYPES } from '../../src/engine/devices/peer-message.ts';
import { ConversationId, DeviceId } from '../../src/ids.ts';
import type { RefusedHead } from '../../src/projections/journal/quarantine.ts';
import type { RunningCli } from '../support/cli/built-program.ts';
import { createDevice, type Device, startEngine, until } from '../support/cli/device.ts';
import { type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';
import { type ForgedHead, forgeHead } from '../support/conversation/forged-head.ts';
import { placeAccount } from '../support/identity/accounts.ts';
import { type RawPeer, startRawPeer } from '../support/net/raw-peer.ts';

const TIMES = 50;

let stage: TwoDevices;
let alices: RunningCli;
let carols: RunningCli;
let carol: Device;
let forged: ForgedHead;

/** Alice founded the conversation, Bob is a member whose device has gone bad, Carol joins it. */
beforeAll(async () => {
  stage = await twoDevices();
  const { alice, bob, bootstrap, conversation, folder } = stage;
  const home = join(folder, 'carol');
  await placeAccount(home, 'carol');
  carol = await createDevice(home);
  [alices, carols] = await Promise.all([startEngine(alice, bootstrap), startEngine(carol, bootstrap)]);
  await alice.json('invite', conversation, carol.uri);
  await until(async () => (await carol.invitations()).length > 0);
  await carol.json('join', conversation);
  forged = await forgeHead(bob.home, ConversationId.parse(conversation));
});

afterAll(async () => {
  await Promise.all([alices, carols].map((engine) => engine.kill('SIGKILL')));
  await forged[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const refused = async () => (await stage.alice.ask<{ refused: readonly RefusedHead[] }>('status')).refused;

function startMallory(): Promise<RawPeer> {
  const { alice, bob, bootstrap } = stage;
  return startRawPeer({ ...{ home: bob.home, bootstrap, target: DeviceId.parse(alice.device) }, serve: forged.serve });
}

function offer(mallory: RawPeer): Promise<void> {
  const content = { id: stage.conversation, commit: forged.head, deviceId: stage.bob.device };
  return mallory.send(
    PEER_MESSAGE_TYPES.announcement,
    Array.from({ length: TIMES }, () => content),
  );
}

/** Alice hears of it, whatever else she is told. */
async function sayAndHear(from: Device, body: string): Promise<void> {
  await from.json('send', stage.conversation, body);
  await until(async () => (await stage.alice.head()) === (await carol.head()));
}

it('is fetched from once, and told of by the rule; what others say comes in as before', async () => {
  await using mallory = await startMallory();
  await offer(mallory);
  await until(async () => (await refused()).length > 0);
  await sayAndHear(carol, 'hello Alice');
  await offer(mallory);
  await sayAndHear(carol, 'still here');
  expect(forged.asked()).toBe(1);
  const expected = { from: stage.bob.device, head: forged.head, commit: forged.head, rule: 'R49', path: 'readme.txt' };
  expect(await refused()).toEqual([expect.objectContaining({ ...expected, why: 'broken' })]);
  const { stdout } = await stage.alice.run('status');
  expect(stdout).toMatch(/^REFUSED +OFFERED BY +RULE +WHY\n\w+ +\w+ +R49 +it adds readme\.txt/m);
});

it('is not fetched from by an engine that was ended and started again', async () => {
  await alices.kill('SIGTERM');
  alices = await startEngine(stage.alice, stage.bootstrap);
  await using mallory = await startMallory();
  await offer(mallory);
  await sayAndHear(carol, 'after all that');
  expect(forged.asked()).toBe(1);
  expect((await refused()).map(({ rule }) => rule)).toEqual(['R49']);
});
