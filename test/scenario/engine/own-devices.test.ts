/** A second device of an account: it gets what the first has, and is taken out again. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Engine, SentFile } from '../../../src/engine/engine.ts';
import { exportAccount, importAccount } from '../../../src/engine/home/move-account.ts';
import { listDevices, revokeDevice } from '../../../src/engine/home/own-devices.ts';
import {
  bodies,
  bringIn,
  createTestEngines,
  haveOneHead,
  shareConversation,
  type TestEngines,
} from '../../support/engine/engines.ts';
import { entriesUnder } from '../../support/folders/entries-under.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/time/until.ts';

const PASSWORD = { password: 'correct horse' };

/** A new home with another device of the account. */
async function secondHome(engines: TestEngines, name: string): Promise<string> {
  const folder = await temporaryDirectory();
  const [file, home] = [join(folder, 'exported'), join(folder, 'home')];
  await exportAccount(await engines.home(name), file, PASSWORD);
  await importAccount(home, file, PASSWORD);
  return home;
}

const BIG = 8_000_000;

async function bigFile(): Promise<string> {
  const path = join(await temporaryDirectory(), 'film.mp4');
  await writeFile(path, randomBytes(BIG));
  return path;
}

const isLinked = (one: Engine, other: Engine) => one.links.some(({ peer }) => peer.device === other.account.device);

describe('the second device of an account', () => {
  it('gets the conversations, their history and the files by policy, and takes part', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    await atAlice.send('before');
    const path = join(await temporaryDirectory(), 'picture.png');
    await writeFile(path, randomBytes(100_000));
    const sent = await atAlice.sendFile(path);

    const home = await secondHome(engines, 'alice');
    const second = await engines.start('alice again', { home });
    expect(second.account).toMatchObject({ uri: alice.account.uri, name: 'alice' });
    await until(() => second.conversations.list().length === 1);
    const atSecond = second.conversations.open(atAlice.id);
    expect(bodies(atSecond.timeline())).toEqual(['before']);
    await until(() => second.conversations.list()[0]?.missing === 0);
    expect(atSecond.transfers().find(({ fileId }) => fileId === sent.fileId)?.phase).toBe('complete');

    await atSecond.send('from the second');
    await until(() => [atAlice, atBob].every((handle) => bodies(handle.timeline()).includes('from the second')));
    await until(() => haveOneHead(alice, bob, second));
    expect(atBob.members().find(({ uri }) => uri === alice.account.uri)?.devices).toEqual([
      alice.account.device,
      second.account.device,
    ]);
  });

  it('gets at once what the first founds and joins, and may be the one to join', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const second = await engines.start('alice again', { home: await secondHome(engines, 'alice') });
    await until(() => isLinked(alice, second));

    const founded = await alice.conversations.create({ title: 'Mine' });
    await until(() => second.conversations.list().some(({ conversation }) => conversation === founded.id));

    const garden = await bob.conversations.create({ title: 'Garden' });
    await bringIn(garden, second);
    await until(() => alice.conversations.list().some(({ conversation }) => conversation === garden.id));
    expect(alice.conversations.invitations()).toEqual([]);
    await alice.conversations.open(garden.id).send('the first speaks');
    await until(() => bodies(garden.timeline()).includes('the first speaks'));
  });

  it('clones from a member when no own device is there', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice] = await shareConversation(alice, bob);
    const home = await secondHome(engines, 'alice');
    await alice.close();
    const second = await engines.start('alice again', { home });
    await until(() => second.conversations.list()[0]?.conversation === atAlice.id);
  });
});

describe('a revoked device', () => {
  it('is cut off by everybody at once, knows it, and stops', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const home = await secondHome(engines, 'alice');
    const second = await engines.start('alice again', { home });
    await until(() => second.conversations.list().length === 1 && isLinked(second, bob) && isLinked(second, alice));
    await second.conversations.open(atAlice.id).send('last words');
    await until(() => haveOneHead(alice, bob, second));
    const { device } = second.account;

    await revokeDevice(await engines.home('alice'), device);
    await alice.takeRevocations();
    expect(isLinked(alice, second)).toBe(false);
    await until(() => !isLinked(bob, second));
    await thrownBy('DEVICE_REVOKED', () => second.ended);
    await thrownBy('DEVICE_REVOKED', () => engines.start('alice again', { home }));
    expect((await listDevices(home)).find((one) => one.isThis)).toMatchObject({ device, isRevoked: true });

    // The others go on, and who comes late gets the last words that were taken in before.
    await until(() => haveOneHead(alice, bob));
    await alice.close();
    const carol = await engines.start('carol');
    const atCarol = await bringIn(atBob, carol);
    expect(bodies(atCarol.timeline())).toEqual(['last words']);
  });

  it('loses what it was sending and receiving', async () => {
    await using engines = await createTestEngines();
    const alice = await engines.start('alice', { policy: { auto: 'nothing' } });
    const bob = await engines.start('bob', { policy: { auto: 'all' }, bandwidth: { down: 200_000, up: 200_000 } });
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const home = await secondHome(engines, 'alice');
    const second = await engines.start('alice again', { home, policy: { auto: 'all' } });
    await until(() => second.conversations.list().length === 1 && isLinked(second, bob));
    const atSecond = second.conversations.open(atAlice.id);

    const [theirs, ours] = [await atSecond.sendFile(await bigFile()), await atBob.sendFile(await bigFile())];
    const stateOf = ({ fileId }: SentFile) => atBob.transfers().find((one) => one.fileId === fileId);
    const isMoving = (file: SentFile) => stateOf(file)?.phase === 'running' && (stateOf(file)?.bytes ?? 0) > 0;
    await until(() => isMoving(theirs) && isMoving(ours));

    await revokeDevice(await engines.home('alice'), second.account.device);
    await alice.takeRevocations();
    await until(() => !isLinked(bob, second));
    await until(() => [theirs, ours].every((file) => stateOf(file)?.phase !== 'running'));
    expect(atBob.missing().map(({ interaction }) => interaction)).toEqual([theirs.interaction.id]);
    const moved = [theirs, ours].map((file) => stateOf(file)?.bytes);
    expect(moved.every((bytes) => bytes !== undefined && bytes < BIG)).toBe(true);
  });

  it('is turned away by its id when nobody has ever seen it', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    await shareConversation(alice, bob);
    const home = await secondHome(engines, 'alice');
    const unseen = (await listDevices(home)).find((one) => one.isThis)?.device;
    if (!unseen) throw new TypeError('a home has a device');
    expect((await listDevices(await engines.home('alice'))).map(({ device }) => device)).not.toContain(unseen);

    const atHome = await engines.home('alice');
    const { data } = await thrownBy('DEVICE_UNKNOWN', () => revokeDevice(atHome, unseen));
    expect(data).toEqual({ device: unseen, known: [alice.account.device] });
    await revokeDevice(atHome, unseen, { isUnseen: true });
    await alice.takeRevocations();
    expect(await listDevices(await engines.home('alice'))).toContainEqual({
      ...{ device: unseen, isThis: false, isRevoked: true },
    });
    const heard = join(await engines.home('bob'), 'crls', alice.account.uri);
    await until(() => entriesUnder(heard).some((name) => name.endsWith('.crl')));
    await alice.close();

    // Bob has heard of it; he is the only one there when it comes.
    const lost = await engines.start('alice again', { home });
    await thrownBy('DEVICE_REVOKED', () => lost.ended);
    expect(isLinked(bob, lost)).toBe(false);

    // And it holds for who starts anew, from what lies on the disk.
    const back = await engines.start('alice', { home: await engines.home('alice') });
    expect(await listDevices(await engines.home('alice'))).toContainEqual({
      ...{ device: unseen, isThis: false, isRevoked: true },
    });
    await until(() => isLinked(back, bob));
  });

  it('is never that of another account, whatever is said of it', async () => {
    await using engines = await createTestEngines();
    const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
    const [, atBob] = await shareConversation(alice, bob);
    await atBob.send('bob has committed');
    await until(() => haveOneHead(alice, bob));
    const { device, uri: account } = bob.account;
    const revoke = async () => revokeDevice(await engines.home('alice'), device, { isUnseen: true });
    expect((await thrownBy('DEVICE_OF_OTHER', revoke)).data).toEqual({ device, account });
    expect((await listDevices(await engines.home('alice'))).map((one) => one.device)).not.toContain(device);
  });

  it('cannot be the last one, and is revoked once however often it is asked for', async () => {
    await using engines = await createTestEngines();
    const home = await engines.home('alice');
    const [first] = await listDevices(home);
    if (!first) throw new TypeError('a home has a device');
    expect((await thrownBy('REFUSED', () => revokeDevice(home, first.device))).data.reason).toBe('last-device');
  });
});
