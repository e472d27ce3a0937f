import { beforeEach, describe, expect, it } from 'vitest';
import { filesTouchedBy } from '../../../../../src/engine/files/disk/deletions.ts';
import { createPlanner, type Planner } from '../../../../../src/engine/files/fetch/planner.ts';
import { fileIdOf } from '../../../../../src/events/file-id.ts';
import type { JournalRecord } from '../../../../../src/events/journal-record.ts';
import type { DeviceId } from '../../../../../src/ids.ts';
import {
  LOCAL_FAILURE_RETRY_MS,
  REQUEST_ANSWER_MS,
  SMALL_FILE_BYTES,
  TRANSFERS_AT_ONCE,
} from '../../../../../src/limits.ts';
import {
  evolveJournal,
  initialJournalState,
  type JournalState,
} from '../../../../../src/projections/journal/journal-state.ts';
import {
  createFakeNet,
  type FakeNet,
  person,
  settled,
  type WrittenLog,
  writtenGroup,
} from '../../../../support/engine/live-conversations.ts';
import { sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { only } from '../../../../support/only.ts';
import { quietLog } from '../../../../support/quiet-log.ts';
import { createVirtualClock, type VirtualClock } from '../../../../support/time/virtual-clock.ts';

const bob = person(2);

describe('the planner', () => {
  let group: WrittenLog;
  let net: FakeNet;
  let clock: VirtualClock;
  let journal: JournalState;
  let requests: { displayName: string; from: DeviceId }[];
  let plans: number;
  let planner: Planner;
  let ending: AbortController;
  let failure: Error | undefined;
  let isJournalled: boolean;

  function record(fact: JournalRecord): void {
    journal = evolveJournal(journal, fact);
    planner.note([fact]);
  }

  /** Lets the planner know of what was announced. */
  async function follow(): Promise<void> {
    planner.follow(group.conversation, filesTouchedBy(await group.conversation.refold()));
    await settled();
  }

  /** Bob announces a picture. */
  function announce(n: number): void {
    const file = {
      displayName: `${n}.png`,
      totalSize: SMALL_FILE_BYTES + 1,
      sha3sum: sha3Of(Buffer.from(`${n}`)),
      tid: `${n}`,
    };
    group.write({ kind: 'file-announced', ...file }, 2);
  }

  beforeEach(async () => {
    [group, net, clock, ending] = [await writtenGroup(), createFakeNet(), createVirtualClock(), new AbortController()];
    [journal, requests, plans, failure, isJournalled] = [initialJournalState, [], 0, undefined, true];
    planner = createPlanner({
      ...{ self: person(1), policy: { auto: 'pictures' }, net, clock, log: quietLog, signal: ending.signal },
      disk: { free: () => undefined },
      journal: () => journal,
      async request({ conversation, interaction, fileId, displayName }, from) {
        requests.push({ displayName, from });
        if (isJournalled) record({ kind: 'file-requested', conversation, interaction, fileId, from, at: clock.now() });
        if (failure) throw failure;
      },
      onPlanned: () => {
        plans += 1;
      },
    });
  });

  it('plans once for many pokes', async () => {
    for (let n = 0; n < 10; n += 1) planner.poke();
    await settled();
    expect(plans).toBe(1);
  });

  it('asks a linked device for what is missing, once', async () => {
    net.up(bob);
    announce(1);
    await follow();
    expect(requests).toEqual([{ displayName: '1.png', from: bob.device }]);
    // The record of the request, and its end, are facts as well: planned again, and nothing more to do.
    expect(plans).toBe(3);
    await settled();
    expect(plans).toBe(3);
  });

  it('asks for no more files at once than may move', async () => {
    net.up(bob);
    for (let n = 1; n <= TRANSFERS_AT_ONCE + 3; n += 1) announce(n);
    await follow();
    expect(requests).toHaveLength(TRANSFERS_AT_ONCE);
    const steps = planner.waiting(group.conversation).map(({ waitsFor }) => waitsFor.step);
    expect(steps.filter((step) => step === 'await-slot')).toHaveLength(3);
  });

  it('wakes by itself when the time has come that the plan waits for, and not before', async () => {
    net.up(bob);
    announce(1);
    await follow();
    const before = plans;
    await clock.advance(REQUEST_ANSWER_MS - 1);
    expect(plans).toBe(before);
    await clock.advance(1);
    await settled();
    expect(plans).toBe(before + 1);
    expect(only(planner.waiting(group.conversation)).waitsFor.step).toBe('back-off');
  });

  it('asks again later and later while nobody answers, and is idle in between', async () => {
    net.up(bob);
    announce(1);
    await follow();
    for (let minute = 0; minute < 60; minute += 1) await clock.advance(60_000);
    expect(requests.length).toBeGreaterThan(4);
    expect(requests.length).toBeLessThan(20);
    // One plan for each request, its record, its end and each of its deadlines.
    expect(plans).toBeLessThanOrEqual(4 * requests.length + 1);
  });

  it('has no alarm when there is nothing to wait for', async () => {
    planner.poke();
    await settled();
    await clock.advance(3_600_000);
    expect(plans).toBe(1);
  });

  it('goes on when a request fails', async () => {
    net.up(bob);
    failure = new TypeError('the disk is gone');
    announce(1);
    announce(2);
    await follow();
    expect(requests).toHaveLength(2);
  });

  it('leaves a file alone for a while when a request fails on this machine before anything is journalled', async () => {
    net.up(bob);
    isJournalled = false;
    announce(1);
    await follow();
    await clock.advance(LOCAL_FAILURE_RETRY_MS - 1);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    await settled();
    expect(requests).toHaveLength(2);
  });

  it('does nothing any more once it has ended', async () => {
    net.up(bob);
    announce(1);
    planner.follow(group.conversation, filesTouchedBy(await group.conversation.refold()));
    ending.abort();
    await settled();
    planner.poke();
    await settled();
    await clock.advance(3_600_000);
    expect({ plans, requests }).toEqual({ plans: 0, requests: [] });
  });

  it('has nothing to wait for once the file is here', async () => {
    announce(1);
    await follow();
    const { id: conversation } = group.conversation;
    const { file } = only(planner.waiting(group.conversation));
    const { interaction } = file;
    expect(file.fileId).toBe(fileIdOf(interaction, { tid: '1', displayName: '1.png' }));
    record({
      kind: 'file-verified',
      conversation,
      interaction,
      fileId: file.fileId,
      size: 10,
      mtimeMs: 1,
      inode: 1,
      at: 1,
    });
    expect(planner.waiting(group.conversation)).toEqual([]);
  });
});
