import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord, RecordOf } from '../../../../src/events/journal-record.ts';
import { holdingKey, packHoldings } from '../../../../src/events/peer/holdings.ts';
import { type CommitId, ConversationId, Digest } from '../../../../src/ids.ts';
import {
  PLAN_FILES_PER_TURN,
  REQUEST_ANSWER_MS,
  REQUEST_RETRY_MAX_MS,
  REQUEST_RETRY_MS,
} from '../../../../src/limits.ts';
import { type FilesState, files } from '../../../../src/projections/files.ts';
import { evolveJournal, initialJournalState } from '../../../../src/projections/journal/journal-state.ts';
import { type MembersState, members } from '../../../../src/projections/members.ts';
import { LivePlan } from '../../../../src/projections/plan/live-plan.ts';
import { type PlanInput, plan } from '../../../../src/projections/plan/plan.ts';
import type { Linked } from '../../../../src/projections/plan/sources.ts';
import { waitingFiles } from '../../../../src/projections/plan/waiting-files.ts';
import { project } from '../../../../src/projections/projection.ts';
import { account, commitId, device, interaction } from '../../../support/events/interactions.ts';
import { only } from '../../../support/only.ts';

const conversation = ConversationId.parse('c'.repeat(40));
const SELF = { account: account(9), device: device(9) };
const NOW = 1_795_000_000_000;
const picture = announcement(100, 'a.png');

/** Account 1 (devices 1 and 4) announces; 2 and 3 have joined; this device is the ninth account's. */
const people = project(members, [
  interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } }),
  interaction({ id: 1, device: 4, event: { kind: 'profile-updated' } }),
  ...[2, 3, 9].map((n) => interaction({ id: n, by: n, event: { kind: 'member-joined', uri: account(n) } })),
]);

const aloneWithFirst = project(members, [
  interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } }),
]);

function announcement(id: number, displayName: string, totalSize = 3) {
  const sha3sum = Digest.parse('b'.repeat(128));
  return interaction({ id, event: { kind: 'file-announced', displayName, sha3sum, tid: '7', totalSize } });
}

const linkTo = (n: number, since = NOW - 60_000, by = n): Linked => ({
  peer: { account: account(by), device: device(n) },
  since,
});

const ID = commitId(100);
const both = project(files, [picture, announcement(101, 'b.png')]);
const name = { conversation, interaction: commitId(100), fileId: fileIdIn(project(files, [picture])) };
const stamp = { size: 2, mtimeMs: 0, inode: 0 };
const asked = (n: number, at = NOW): JournalRecord => ({ kind: 'file-requested', ...name, from: device(n), at });
const declined = (
  n: number,
  at = NOW,
  reason: RecordOf<'request-declined'>['reason'] = 'unknown-interaction',
): JournalRecord => ({ kind: 'request-declined', ...name, from: device(n), reason, at });
const hasNot = (n: number, at = NOW) => declined(n, at, 'has-not');
const packed = (ids: CommitId[] = []) => packHoldings(ids.map(holdingKey));
const told = (n: number, words: { has?: CommitId[]; lacks?: CommitId[] }, at = NOW): JournalRecord => ({
  ...{ kind: 'holdings-told', conversation, from: device(n), isAll: false, at },
  ...{ has: packed(words.has), lacks: packed(words.lacks) },
});
const started = (n: number, at = NOW): JournalRecord => ({
  kind: 'sub-transfer-started',
  ...name,
  peer: device(n),
  direction: 'receiving',
  start: 0,
  at,
});
const ended = (
  n: number,
  outcome: 'complete' | 'interrupted' | 'wrong-digest' | 'disk-full',
  at = NOW,
): JournalRecord => ({
  kind: 'sub-transfer-ended',
  ...name,
  peer: device(n),
  direction: 'receiving',
  outcome,
  bytes: 1,
  at,
});
const verified: JournalRecord = { kind: 'file-verified', ...name, ...stamp, at: NOW };
const lacking = (state: 'missing' | 'partial' | 'corrupt'): JournalRecord => ({
  kind: 'file-found-lacking',
  ...name,
  state,
  ...stamp,
  at: NOW,
});
const removedOther: JournalRecord = {
  ...{ kind: 'file-removed', ...name, interaction: commitId(101), why: 'evicted', at: NOW },
};
const revoked = (n: number, by = n): JournalRecord => ({
  ...{ kind: 'device-revoked', account: account(by), device: device(n), at: NOW },
});
const seen = (n: number, by = n): JournalRecord => ({
  ...{ kind: 'device-seen', account: account(by), device: device(n), at: NOW },
});
const accepted: JournalRecord = { kind: 'file-accepted', ...name, at: NOW };
const cancelled: JournalRecord = { kind: 'file-cancelled', ...name, at: NOW };

function fileIdIn(state: FilesState) {
  return only([...state.announced]).fileId;
}

interface Given extends Partial<Omit<PlanInput, 'journal' | 'slots'>> {
  readonly journal?: readonly JournalRecord[];
  readonly files?: FilesState;
  readonly members?: MembersState;
  /** For big and small ones alike. */
  readonly slots?: number;
}

function input(given: Given): PlanInput {
  const {
    journal = [],
    files: announced = project(files, [picture]),
    members: taking = people,
    slots = 8,
    ...rest
  } = given;
  return {
    conversations: [{ conversation, files: announced, members: taking }],
    slots: { big: slots, quick: slots, small: slots },
    self: SELF,
    linked: [linkTo(1), linkTo(2), linkTo(3)],
    policy: { auto: 'pictures' },
    now: NOW,
    ...rest,
    journal: journal.reduce(evolveJournal, initialJournalState),
  };
}

/** The numbers of the devices that are asked. */
const whom = (given: Given) => plan(input(given)).requests.map(({ to }) => deviceNumber(to));
const deviceNumber = (id: string) => Number.parseInt(id.replace(/^d+/, ''), 16);
const ruleOf = (given: Given) => only(waiting(given)).rule;
const waitOf = (given: Given) => only(waiting(given)).waitsFor;

/** What is waited for before anything is done about it. */
function waiting(given: Given) {
  const { conversations, journal, linked, self, policy, now, slots = { big: 8, quick: 8, small: 8 } } = input(given);
  const live = new LivePlan({ self, policy, slots, journal: () => journal, linked: () => linked });
  const planned = only(conversations);
  live.follow(planned);
  live.look(now);
  return waitingFiles(planned, { world: live.world(now), isSlotFree: (lane) => live.isSlotFree(lane) });
}

describe('plan', () => {
  it('asks for what is missing, in the words of the request', () => {
    expect(plan(input({}))).toEqual({
      requests: [
        {
          to: device(1),
          request: { conversation, interaction: commitId(100), deviceId: SELF.device },
          file: project(files, [picture]).announced.get(commitId(100)),
        },
      ],
    });
  });

  it.each([
    ['asks for nothing that is here', { journal: [verified] }, []],
    ['asks again for what was lost', { journal: [verified, lacking('missing')] }, [1]],
    ['asks the announcing device first', {}, [1]],
    ['asks the author’s other device next', { linked: [linkTo(2), linkTo(4, 0, 1)] }, [4]],
    ['asks a linked device of its own account before all others', { linked: [linkTo(1), linkTo(10, 0, 9)] }, [10]],
    ['asks no revoked device, linked or not', { journal: [revoked(1)], linked: [linkTo(1), linkTo(3)] }, [3]],
    ['dials no revoked device', { journal: [revoked(1), revoked(4, 1)], linked: [] }, [3]],
    ['asks a linked device before one it would have to dial', { linked: [linkTo(3)] }, [3]],
    ['dials the announcing device when nobody is linked', { linked: [] }, [1]],
    ['asks a linked device that has not committed anything yet', { linked: [linkTo(7, 0, 2)] }, [7]],
    [
      'dials a device that was linked once and has not committed anything, that of the author first',
      { journal: [seen(8, 2), seen(7, 1), revoked(1), revoked(4, 1)], linked: [] },
      [7],
    ],
    ['dials no device of a stranger', { journal: [seen(8)], linked: [], members: project(members, []) }, []],
    ['asks no device of a stranger', { linked: [linkTo(8)], members: project(members, []) }, []],
    ['never asks itself', { self: { account: account(1), device: device(1) }, linked: [linkTo(2)] }, [2]],
    ['asks nobody else while an answer is due', { journal: [asked(1)] }, []],
    ['goes on to a linked device while another is being dialled', { journal: [asked(4)], linked: [linkTo(2)] }, [2]],
    ['asks nobody while the file is coming in', { journal: [asked(1), started(1)] }, []],
    ['goes to the next when one declines', { journal: [asked(1), declined(1)], linked: [linkTo(1), linkTo(2)] }, [2]],
    [
      'goes to the next when one does not answer in time',
      { journal: [asked(1)], now: NOW + REQUEST_ANSWER_MS, linked: [linkTo(1), linkTo(2)] },
      [2],
    ],
    [
      'goes to the next when one breaks off',
      { journal: [asked(1), started(1), ended(1, 'interrupted')], linked: [linkTo(1), linkTo(2)] },
      [2],
    ],
    [
      'takes an unasked proposal that failed for a try',
      { journal: [started(1), ended(1, 'interrupted')], linked: [linkTo(1), linkTo(3)] },
      [3],
    ],
    [
      'tries a device that links anew at once',
      { journal: [asked(1), declined(1)], now: NOW + 10, linked: [linkTo(1, NOW + 5)] },
      [1],
    ],
    [
      'asks first who was asked less often in vain, also before the announcing device',
      { journal: [asked(1), declined(1)], now: NOW + REQUEST_RETRY_MAX_MS, linked: [linkTo(1), linkTo(2)] },
      [2],
    ],
    [
      'does not hurry back to a device that sent wrong bytes',
      { journal: [asked(1), started(1), ended(1, 'wrong-digest')], now: NOW + 10, linked: [linkTo(1, NOW + 5)] },
      // The author's other device, which would have to be dialled, comes first.
      [4],
    ],
    [
      'asks a device that sent wrong bytes last',
      {
        journal: [started(1), ended(1, 'wrong-digest')],
        now: NOW + REQUEST_RETRY_MAX_MS,
        linked: [linkTo(1), linkTo(3)],
      },
      [3],
    ],
    ['waits when the disk is full, whoever else is there', { journal: [started(1), ended(1, 'disk-full')] }, []],
    [
      'asks again at once after a full disk, when a file was removed',
      { journal: [started(1), ended(1, 'disk-full'), removedOther], linked: [linkTo(1)] },
      [1],
    ],
    ['asks again after a cancel when the user wants it after all', { journal: [cancelled, accepted] }, [1]],
    [
      'forgets what was in vain when the user asks for the file',
      { journal: [asked(1), declined(1), accepted], linked: [linkTo(1)] },
      [1],
    ],
    ['asks who said that it has the file before the announcing device', { journal: [told(3, { has: [ID] })] }, [3]],
    ['does not ask who said that it lacks the file', { journal: [told(1, { lacks: [ID] })], linked: [linkTo(1)] }, [4]],
    [
      'does not ask again who was asked and has it not',
      { journal: [asked(1), hasNot(1)], linked: [linkTo(1, NOW + 5), linkTo(2)], now: NOW + 10 },
      [2],
    ],
    [
      'does not ask the announcing device again that has it not, although it told all before the announcement',
      { journal: [{ ...told(1, {}), isAll: true }, asked(1), hasNot(1)], linked: [linkTo(1)] },
      [4],
    ],
    [
      'does not ask again whose copy is damaged',
      {
        journal: [asked(1), declined(1, NOW, 'digest-mismatch')],
        linked: [linkTo(1, NOW + 5), linkTo(2)],
        now: NOW + REQUEST_RETRY_MAX_MS,
      },
      [2],
    ],
    [
      'asks the announcing device that told all it had before the announcement',
      { journal: [{ ...told(1, {}), isAll: true }], linked: [linkTo(1)] },
      [1],
    ],
    ['dials the announcing device before one of its own account', { journal: [seen(10, 9)], linked: [] }, [1]],
    ['asks who has the file after all', { journal: [asked(1), hasNot(1), told(1, { has: [ID] })] }, [1]],
    ['dials another device for another file', { journal: [asked(1)], linked: [], files: both, slots: 9 }, [4]],
    [
      'leaves a device that could not be reached alone, for whatever file',
      { journal: [asked(1), declined(1, NOW, 'not-reachable')], linked: [], files: both },
      [4, 3],
    ],
    ['leaves a cancelled file alone', { journal: [accepted, cancelled], policy: { auto: 'all' } }, []],
    ['leaves a deleted file alone', { files: withDeletion() }, []],
    ['asks for nothing when no slot is free', { slots: 0 }, []],
  ] as const)('%s', (_, given, expected) => {
    expect(whom(given)).toEqual(expected);
  });

  it.each([
    ['fetches small pictures', {}, 'small-picture'],
    ['leaves big pictures to the user', { policy: { auto: 'pictures', pictureBytes: 2 } }, 'picture-too-big'],
    ['leaves other files to the user', { files: project(files, [announcement(100, 'a.pdf')]) }, 'not-a-picture'],
    ['fetches all when told so', { policy: { auto: 'all' } }, 'auto-all'],
    ['fetches nothing when told so', { policy: { auto: 'nothing' } }, 'auto-nothing'],
    ['fetches what the user accepted', { policy: { auto: 'nothing' }, journal: [accepted] }, 'accepted'],
    ['does not fetch what the user cancelled', { policy: { auto: 'all' }, journal: [cancelled] }, 'cancelled'],
    ['makes a damaged file whole', { policy: { auto: 'nothing' }, journal: [lacking('corrupt')] }, 'lost-here'],
    ['makes a partial file whole', { policy: { auto: 'nothing' }, journal: [lacking('partial')] }, 'lost-here'],
    ['gets a lost file back', { policy: { auto: 'nothing' }, journal: [verified, lacking('missing')] }, 'lost-here'],
    [
      'does not take a file that never was here for lost',
      { policy: { auto: 'nothing' }, journal: [lacking('missing')] },
      'auto-nothing',
    ],
  ] as const)('%s, and says by which rule', (_, given, expected) => {
    expect(ruleOf(given)).toBe(expected);
  });

  it('backs off once everybody has declined, longer each time, up to the limit', () => {
    const [linked, alone] = [[linkTo(1)], aloneWithFirst];
    let journal: readonly JournalRecord[] = [];
    let now = NOW;
    for (let tries = 1; tries <= 12; tries += 1) {
      journal = [...journal, asked(1, now), declined(1, now)];
      const { requests, wakeAt = 0 } = plan(input({ journal, linked, members: alone, now }));
      expect(requests).toEqual([]);
      const wait = Math.min(REQUEST_RETRY_MAX_MS, REQUEST_RETRY_MS * 2 ** (tries - 1));
      expect(wakeAt - now).toBeGreaterThanOrEqual(wait / 2);
      expect(wakeAt - now).toBeLessThanOrEqual(wait);
      expect(whom({ journal, linked, members: alone, now: wakeAt - 1 })).toEqual([]);
      expect(whom({ journal, linked, members: alone, now: wakeAt })).toEqual([1]);
      now = wakeAt;
    }
  });

  it.each(['withheld', 'paused'] as const)(
    'leaves a device long alone that has the file %s, and until it offers it',
    (reason) => {
      const journal = [101, 100].flatMap((id) => {
        const { interaction: file, fileId } = both.announced.get(commitId(id)) ?? only([]);
        return [asked(1), declined(1, NOW, reason)].map((record) => ({ ...record, interaction: file, fileId }));
      });
      const given = { journal, linked: [linkTo(1)], members: aloneWithFirst, files: both };
      const { requests, wakeAt = 0 } = plan(input(given));
      expect(requests).toEqual([]);
      expect(wakeAt - NOW).toBeGreaterThanOrEqual(REQUEST_RETRY_MAX_MS / 2);
      expect(wakeAt - NOW).toBeLessThanOrEqual(REQUEST_RETRY_MAX_MS);
      // What was declined together is asked for again together.
      expect(whom({ ...given, now: wakeAt })).toEqual([1, 1]);
      const offered: JournalRecord = { kind: 'file-offered', ...name, from: device(1), at: NOW };
      expect(whom({ ...given, journal: [...journal, offered] })).toEqual([1]);
    },
  );

  it('takes in more news than a turn allows turn by turn, and asks nobody before it has', () => {
    const all = Array.from({ length: PLAN_FILES_PER_TURN + 1 }, (_, place) => announcement(1000 + place, 'a.png'));
    const given = input({ files: project(files, all) });
    const { self, policy, journal, linked, slots } = given;
    const held = { journal: () => journal, linked: () => linked };
    const live = new LivePlan({ self, policy, ...held, ...(slots && { slots }) });
    for (const planned of given.conversations) live.follow(planned);
    expect(live.step(NOW)).toEqual({ requests: [], isUnfinished: true });
    expect(live.step(NOW)).toMatchObject({ requests: plan(given).requests, isUnfinished: false });
  });

  it('wakes when the answer is overdue', () => {
    expect(plan(input({ journal: [asked(1)] })).wakeAt).toBe(NOW + REQUEST_ANSWER_MS);
  });

  it('says what a file waits for, and until when', () => {
    expect(waitOf({ journal: [asked(1)] })).toEqual({
      step: 'await-answer',
      from: device(1),
      until: NOW + REQUEST_ANSWER_MS,
    });
    expect(waitOf({ journal: [started(1)] })).toEqual({ step: 'receive', from: device(1) });
    expect(waitOf({ journal: [cancelled] })).toEqual({ step: 'await-user' });
    expect(waitOf({ slots: 0 })).toEqual({ step: 'await-slot' });
    expect(waitOf({ members: project(members, []), linked: [] })).toEqual({ step: 'await-source' });
    expect(waitOf({ linked: [], journal: [asked(1)] })).toEqual({
      ...{ step: 'dial', to: device(1), until: NOW + REQUEST_ANSWER_MS },
    });
  });

  it('says of a waiting file how many devices are known to hold it, revoked ones left out', () => {
    const holders = (journal: readonly JournalRecord[]) => only(waiting({ journal })).holders;
    expect(holders([told(1, { has: [ID] }), told(2, { has: [ID] })])).toEqual({ holding: 2, devices: 5 });
    expect(holders([told(1, { has: [ID] }), revoked(1)])).toEqual({ holding: 0, devices: 4 });
  });

  it('asks for what the user wants first, then for the newest', () => {
    const several = project(files, [picture, announcement(101, 'b.png'), announcement(102, 'c.png')]);
    const ids = plan(input({ files: several, journal: [accepted] })).requests.map(({ request }) => request.interaction);
    expect(ids).toEqual([commitId(100), commitId(102), commitId(101)]);
    expect(plan(input({ files: several, slots: 2 })).requests).toHaveLength(2);
  });

  it('spreads the requests for different files over those who did not announce them', () => {
    const many = Array.from({ length: 40 }, (_, i) => announcement(100 + i, 'a.png'));
    const linked = [linkTo(2), linkTo(3)];
    const asks = plan(input({ files: project(files, many), linked, slots: 40 })).requests.map(({ to }) => to);
    expect(new Set(asks)).toEqual(new Set([device(2), device(3)]));
  });

  it('ends every file complete or waiting for a known moment, whatever fails', () => {
    const outcome = fc.constantFrom('declined', 'silent', 'interrupted', 'wrong-digest', 'disk-full', 'complete');
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 30 }), (outcomes) => {
        let journal: readonly JournalRecord[] = [];
        let now = NOW;
        for (const result of outcomes) {
          const { requests, wakeAt } = plan(input({ journal, now }));
          const [request] = requests;
          if (!request) {
            // Nobody to ask now: there is a time at which there is, and it lies ahead.
            expect(wakeAt).toBeGreaterThan(now);
            now = wakeAt ?? now;
            continue;
          }
          const to = deviceNumber(request.to);
          journal = [...journal, asked(to, now), ...answer(result, to, now)];
          if (result === 'silent') now += REQUEST_ANSWER_MS;
          if (result === 'complete') {
            expect(plan(input({ journal, now }))).toEqual({ requests: [] });
            return;
          }
        }
      }),
    );
  });

  it('repeats itself: the same arguments give the same plan', () => {
    const given = { journal: [asked(1), declined(1)], linked: [] };
    expect(plan(input(given))).toEqual(plan(input(given)));
  });
});

type Result = 'declined' | 'silent' | 'interrupted' | 'wrong-digest' | 'disk-full' | 'complete';

function answer(result: Result, from: number, at: number): readonly JournalRecord[] {
  if (result === 'silent') return [];
  if (result === 'declined') return [declined(from, at)];
  if (result === 'complete') return [started(from, at), ended(from, 'complete', at), verified];
  return [started(from, at), ended(from, result, at)];
}

function withDeletion(): FilesState {
  return project(files, [picture, interaction({ id: 101, event: { kind: 'file-deleted', edit: commitId(100) } })]);
}
