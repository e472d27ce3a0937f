import { describe, expect, it } from 'vitest';
import { objectIdOf } from '../../../../../src/conversation/repository/objects/object-id.ts';
import { createPlacing, type Placing } from '../../../../../src/conversation/repository/redo/placing.ts';
import type { RedoEntry } from '../../../../../src/conversation/repository/redo/redo-entry.ts';
import type { GitObject } from '../../../../../src/conversation/repository/repository.ts';
import { SyncError } from '../../../../../src/errors.ts';
import { CommitId } from '../../../../../src/ids.ts';
import { REF_BEHIND_MS } from '../../../../../src/limits.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const [FIRST, SECOND, THIRD] = ['1', '2', '3'].map((digit) => CommitId.parse(digit.repeat(40))) as [
  CommitId,
  CommitId,
  CommitId,
];

const blob = (text: string): GitObject => ({ type: 'blob', bytes: Buffer.from(text) });
const idOf = ({ type, bytes }: GitObject) => objectIdOf(type, bytes);
const ONE = { from: FIRST, to: SECOND, objects: [blob('one')] };
const TWO = { from: SECOND, to: THIRD, objects: [blob('two')] };

const writing = (entry: RedoEntry) => async (locked: () => Promise<void>) => {
  await locked();
  return entry;
};

/** Within a few turns of the event loop, which take no time. */
async function soon(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo() && turn < 100; turn++) await new Promise(setImmediate);
}

/** A placing over a disk that says what is done to it, fails when told to, and takes as long as told to say so. */
function placingOverDisk() {
  const calls: string[] = [];
  const disk = { isFull: false, now: 0, answer: async () => {} };
  function touch(call: string): void {
    if (disk.isFull) throw new SyncError('DISK_FULL', { path: call });
    calls.push(call);
  }
  const placing = createPlacing({
    now: () => disk.now,
    async lockHead(from) {
      touch(`lock at ${from[0]}`);
      return { move: (to) => touch(`move to ${to[0]}`), release: () => void calls.push('release') };
    },
    async placeObjects(objects) {
      const { isFull } = disk;
      await disk.answer();
      if (isFull) throw new SyncError('DISK_FULL', { path: 'objects' });
      touch(`place ${objects.map(({ bytes }) => Buffer.from(bytes)).join()}`);
    },
  });
  return { placing, calls, disk };
}

describe('what has been written down', () => {
  it('is in memory until it is in place, its objects first and the reference last', async () => {
    const { placing, calls } = placingOverDisk();
    expect(await placing.append(ONE.from, writing(ONE))).toBe(true);
    expect([placing.head(), placing.find(idOf(blob('one')))]).toEqual([SECOND, blob('one')]);
    expect(calls).toEqual(['lock at 1']);

    await placing.finish();

    expect([placing.head(), placing.find(idOf(blob('one')))]).toEqual([undefined, undefined]);
    expect(calls).toEqual(['lock at 1', 'place one', 'move to 2']);
  });

  it('comes into place by itself', async () => {
    const { placing, calls } = placingOverDisk();
    await placing.append(ONE.from, writing(ONE));
    await soon(() => placing.head() === undefined);
    expect(calls).toEqual(['lock at 1', 'place one', 'move to 2']);
  });

  it('moves the reference once for all that came meanwhile, and stays locked as long', async () => {
    const { placing, calls } = placingOverDisk();
    await placing.append(ONE.from, writing(ONE));
    let written = () => {};
    const second = placing.append(TWO.from, async (locked) => {
      await locked();
      await new Promise<void>((resolve) => {
        written = resolve;
      });
      return TWO;
    });
    await soon(() => placing.find(idOf(blob('one'))) === undefined);
    expect(calls).toEqual(['lock at 1', 'place one']);

    written();
    await second;
    await placing.finish();

    expect(calls).toEqual(['lock at 1', 'place one', 'place two', 'move to 3']);
  });

  it('moves the reference in the midst of others when it has been locked for long', async () => {
    const { placing, calls, disk } = placingOverDisk();
    await placing.append(ONE.from, writing(ONE));
    disk.now += REF_BEHIND_MS;
    await placing.append(TWO.from, writing(TWO));
    expect(calls).toEqual(['lock at 1', 'place one', 'move to 2', 'lock at 2']);
    await placing.finish();
    expect(calls.slice(4)).toEqual(['place two', 'move to 3']);
  });

  it('waits, locked, for a disk that takes it', async () => {
    const { placing, calls, disk } = placingOverDisk();
    await placing.append(ONE.from, writing(ONE));
    disk.isFull = true;
    await thrownBy('DISK_FULL', () => placing.finish());
    await thrownBy('DISK_FULL', () => placing.finish());
    expect([placing.head(), placing.find(idOf(blob('one')))]).toEqual([SECOND, blob('one')]);

    disk.isFull = false;
    await placing.append(TWO.from, writing(TWO));
    await placing.finish();

    expect(calls).toEqual(['lock at 1', 'place one', 'place two', 'move to 3']);
  });

  it.each([
    ['who waits for it', (placing: Placing) => placing.finish()],
    ['what comes after it has been locked for long', (placing: Placing) => placing.append(TWO.from, writing(TWO))],
  ])('is tried once more for %s, where the disk was still full when it began', async (_, wait) => {
    const { placing, calls, disk } = placingOverDisk();
    const answers: (() => void)[] = [];
    disk.answer = () => new Promise((resolve) => void answers.push(resolve));
    await placing.append(ONE.from, writing(ONE));
    disk.isFull = true;
    await soon(() => answers.length > 0);

    Object.assign(disk, { isFull: false, now: REF_BEHIND_MS, answer: async () => {} });
    const waiting = wait(placing);
    for (const answer of answers) answer();
    await waiting;

    expect(calls.slice(0, 3)).toEqual(['lock at 1', 'place one', 'move to 2']);
  });
});

describe('what could not be written down', () => {
  const failing = async (locked: () => Promise<void>): Promise<RedoEntry> => {
    await locked();
    throw new SyncError('DISK_FULL', { path: 'redo' });
  };

  it('never comes into place, and leaves nothing locked', async () => {
    const { placing, calls } = placingOverDisk();
    await thrownBy('DISK_FULL', () => placing.append(ONE.from, failing));
    await placing.finish();
    expect([placing.head(), calls]).toEqual([undefined, ['lock at 1', 'release']]);
  });

  it('does not stand in the way of what comes at once', async () => {
    const { placing, calls } = placingOverDisk();
    await thrownBy('DISK_FULL', () => placing.append(ONE.from, failing));
    await placing.append(ONE.from, writing(ONE));
    await placing.finish();
    expect(calls).toEqual(['lock at 1', 'place one', 'move to 2']);
  });

  it('takes nothing of what was before it along', async () => {
    const { placing, calls } = placingOverDisk();
    await placing.append(ONE.from, writing(ONE));
    await thrownBy('DISK_FULL', () => placing.append(TWO.from, failing));
    await placing.finish();
    expect(calls).toEqual(['lock at 1', 'place one', 'move to 2']);
  });
});
