/** A disk with less room than the policy keeps free: what others say stays with them until there is room, and status tells. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { CHUNK_BYTES } from '../../../src/limits.ts';
import { bodies, bringIn, createTestEngines, shareConversation } from '../../support/engine/engines.ts';
import { mountSmallDisk } from '../../support/folders/small-disk.ts';
import { temporaryDirectory } from '../../support/folders/temporary-directory.ts';
import { only } from '../../support/only.ts';
import { describeNeeding, root } from '../../support/runner/needs.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/time/until.ts';

const MORE_THAN_ANY_DISK = Number.MAX_SAFE_INTEGER;

it('neither pulls nor clones without room, says why, and goes on when there is some', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const [atAlice] = await shareConversation(alice, bob);
  expect(bob.status().diskShortage).toBeUndefined();
  await bob.close();
  await atAlice.send('while you were away');

  const full = await engines.start('bob', { policy: { auto: 'all', reserve: MORE_THAN_ANY_DISK } });
  const { free, reserve } = full.status().diskShortage ?? {};
  expect({ isKnown: free !== undefined, reserve }).toEqual({ isKnown: true, reserve: MORE_THAN_ANY_DISK });
  await until(() => full.links.length > 0);
  const other = await alice.conversations.create({ title: 'Other' });
  await thrownBy('DISK_RESERVED', () => bringIn(other, full));
  expect(bodies(full.conversations.open(atAlice.id).timeline())).toEqual([]);
  // What it says itself still goes out.
  await full.conversations.open(atAlice.id).send('my disk is full');
  await full.close();

  const roomy = await engines.start('bob');
  const both = ['my disk is full', 'while you were away'];
  const seenBy = ({ conversations }: Engine) => bodies(conversations.open(atAlice.id).timeline());
  await until(() => [alice, roomy].every((engine) => both.every((body) => seenBy(engine).includes(body))));
});

describeNeeding(root, 'a file on its way', () => {
  const MiB = 2 ** 20;
  /** Ends long after the disk has been looked at again. */
  const SLOW = 1 * MiB;

  it('stops when others use the disk up to the reserve, and goes on by itself once there is room', async () => {
    await using engines = await createTestEngines();
    const folder = join(await engines.home('bob'), 'conversation_data');
    await mkdir(folder);
    using _ = mountSmallDisk(folder, 64);
    const policy = { auto: 'all', reserve: 20 * MiB } as const;
    const [alice, bob] = await Promise.all([
      engines.start('alice'),
      engines.start('bob', { policy, bandwidth: { down: SLOW } }),
    ]);
    const [atAlice, atBob] = await shareConversation(alice, bob);
    const film = join(await temporaryDirectory(), 'film.bin');
    await writeFile(film, randomBytes(20 * MiB));
    const { interaction } = await atAlice.sendFile(film);
    const transfer = () => only(atBob.transfers());
    await until(() => atBob.transfers().some(({ bytes }) => bytes >= CHUNK_BYTES));

    const filling = join(folder, 'filling');
    await writeFile(filling, Buffer.alloc(44 * MiB - 1));
    await until(() => only(atBob.missing()).rule === 'disk-reserve');
    expect(only(atBob.missing()).waitsFor).toEqual({ step: 'await-room' });
    expect(transfer().phase).toBe('waiting');
    atBob.accept(interaction.id);
    expect(atBob.explainPolicy(interaction.id), 'no word of the user fills the disk').toMatchObject({
      ...{ fetch: false, rule: 'disk-reserve' },
    });
    expect(only(atBob.missing()).says).toContain('once there is room');
    const { bytes } = transfer();
    expect(bytes).toBeLessThan(20 * MiB);
    const { bavail, bsize } = await statfs(folder);
    expect(bavail * bsize, 'nobody else fills it').toBeGreaterThan(10 * MiB);

    bob.limitBandwidth({});
    await rm(filling);
    await until(() => transfer().phase === 'complete');
    expect(only(transfer().subTransfers).bytes, 'what was here stays').toBeLessThanOrEqual(20 * MiB - CHUNK_BYTES);
  });
});
