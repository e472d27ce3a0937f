/** A disk that is full while a file arrives: what is here stays, nothing half stands under the file's name, and it goes on. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { startEngine, until } from '../support/cli/device.ts';
import { pathOf, twoDevices } from '../support/cli/two-devices.ts';
import { mountSmallDisk } from '../support/folders/small-disk.ts';
import { describeNeeding, root } from '../support/runner/needs.ts';

const MiB = 1024 * 1024;

describeNeeding(root, 'a disk that is full', () => {
  it('stops a file from arriving until there is room', async () => {
    await using stage = await twoDevices();
    const { alice, bob, bootstrap, conversation, folder } = stage;
    const data = dirname(pathOf(bob, conversation, 'any'));
    using disk = mountSmallDisk(data, 8);
    await using _ = await startEngine(alice, bootstrap);
    await using __ = await startEngine(bob, bootstrap);
    const bytes = randomBytes(20 * MiB);
    writeFileSync(join(folder, 'film.bin'), bytes);
    const [sent] = await alice.json<{ fileId: string }>('send-file', conversation, join(folder, 'film.bin'));
    const target = pathOf(bob, conversation, sent?.fileId ?? '');
    await until(async () => (await alice.head()) === (await bob.head()));

    let full = await bob.run('fetch', conversation, '--json');
    // On a machine that is held up for seconds, a try may end for another reason before the disk is full.
    await until(async () => {
      if (!full.stdout.includes('the disk is full here')) full = await bob.run('fetch', conversation, '--json');
      return full.stdout.includes('the disk is full here');
    });
    expect({ code: full.code, ...JSON.parse(full.stdout) }).toMatchObject({ code: 1, outcome: 'waiting' });
    expect(existsSync(target)).toBe(false);

    disk.grow(64);
    // The engine looks at the disk by itself: where it is the first to see the room, there is nothing left to fetch.
    for (const roomy of await bob.json('fetch', conversation, '--wait'))
      expect(roomy).toMatchObject({ outcome: 'complete', totalSize: bytes.length });
    const digestOf = (content: Buffer) => createHash('sha3-512').update(content).digest('hex');
    expect(digestOf(readFileSync(target))).toBe(digestOf(bytes));
    expect(readdirSync(data)).toEqual([sent?.fileId]);
  });
});
