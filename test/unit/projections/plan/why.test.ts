import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { holdingKey, packHoldings } from '../../../../src/events/peer/holdings.ts';
import { ConversationId, Digest } from '../../../../src/ids.ts';
import { files } from '../../../../src/projections/files.ts';
import { evolveJournal, initialJournalState } from '../../../../src/projections/journal/journal-state.ts';
import { members } from '../../../../src/projections/members.ts';
import { LivePlan } from '../../../../src/projections/plan/live-plan.ts';
import { givingOf, holdersOf, whyDevices } from '../../../../src/projections/plan/why.ts';
import { project } from '../../../../src/projections/projection.ts';
import { account, commitId, device, interaction } from '../../../support/events/interactions.ts';
import { only } from '../../../support/only.ts';

const conversation = ConversationId.parse('c'.repeat(40));
const NOW = 1_795_000_000_000;
const history = [
  interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } }),
  ...[2, 3, 9].map((n) => interaction({ id: n, by: n, event: { kind: 'member-joined', uri: account(n) } })),
  interaction({
    id: 100,
    event: {
      ...{ kind: 'file-announced', displayName: 'a.png', tid: '7', totalSize: 3 },
      sha3sum: Digest.parse('b'.repeat(128)),
    },
  }),
];
const announced = project(files, history);
const file = only([...announced.announced]);
const about = { conversation, interaction: file.interaction, fileId: file.fileId, at: NOW };

function look(records: readonly JournalRecord[]) {
  const journal = records.reduce(evolveJournal, initialJournalState);
  const linked = [{ peer: { account: account(2), device: device(2) }, since: NOW - 1, kind: 'lan' as const }];
  const live = new LivePlan({
    ...{ self: { account: account(9), device: device(9) }, policy: { auto: 'pictures' } },
    journal: () => journal,
    linked: () => linked,
  });
  live.follow({ conversation, files: announced, members: project(members, history) });
  live.look(NOW);
  return [{ conversation, file, record: journal.files.get(file.interaction) }, live.world(NOW)] as const;
}

const told = (n: number, has: boolean): JournalRecord => ({
  ...{ kind: 'holdings-told', conversation, from: device(n), isAll: true, at: NOW, lacks: '' },
  has: packHoldings(has ? [holdingKey(commitId(100))] : []),
});

describe('how far a device is with taking a file that is here', () => {
  const verified: JournalRecord = { kind: 'file-verified', ...about, size: 3, mtimeMs: 0, inode: 0 };
  const offered: JournalRecord = { kind: 'sub-transfer-offered', ...about, peer: device(2) };
  const answered: JournalRecord = { kind: 'offer-answered', ...about, peer: device(2), answer: 'paused' };
  const takingOf = (...records: readonly JournalRecord[]) =>
    whyDevices(...look(records)).map(({ device: one, taking }) => [one, taking]);

  it('is its share, for each that was told', () => {
    const taking = takingOf(verified, offered, answered);
    expect(taking).toContainEqual([device(2), expect.objectContaining({ phase: 'paused', by: 'peer', lastAt: NOW })]);
    expect(taking).toContainEqual([device(3), undefined]);
  });

  it('is nothing while the file is not here, or was only received', () => {
    const untold = takingOf(offered, answered);
    expect(untold.every(([, taking]) => taking === undefined)).toBe(true);
    const share = { ...about, peer: device(2), direction: 'receiving' } as const;
    const received: JournalRecord = { kind: 'sub-transfer-started', ...share, start: 0 };
    expect(takingOf(received, verified).every(([, taking]) => taking === undefined)).toBe(true);
  });
});

describe('why a file is not here', () => {
  it('names the devices that could be asked, those that have it first', () => {
    const [known, world] = look([told(2, true), told(3, false)]);
    expect(whyDevices(known, world).map((one) => [one.device, one.holds])).toEqual([
      [device(2), 'has'],
      [device(1), 'unknown'],
      [device(3), 'lacks'],
    ]);
    expect(whyDevices(known, world)[0]).toMatchObject({ isLinked: true, link: 'lan', nextTryAt: NOW });
    expect(whyDevices(known, world)[2]).not.toHaveProperty('nextTryAt');
  });

  it('says how the last try with each ended, and when the next one is due', () => {
    const [known, world] = look([
      { kind: 'file-requested', ...about, from: device(2) },
      { kind: 'request-declined', ...about, from: device(2), reason: 'digest-mismatch' },
    ]);
    const asked = whyDevices(known, world).find((one) => one.device === device(2));
    expect(asked?.lastTry).toEqual({ at: NOW, tries: 1, outcome: { kind: 'declined', reason: 'digest-mismatch' } });
    expect(asked?.nextTryAt).toBeGreaterThan(NOW);
  });

  it('says by which path, from the request or the first byte until it is asked again', () => {
    const path = { kind: 'tcp', link: 'lan', local: '10.0.0.1:4', remote: '10.0.0.2:5' } as const;
    const share = { ...about, peer: device(2), direction: 'receiving' } as const;
    const pathAfter = (...records: readonly JournalRecord[]) => {
      const [known, world] = look(records);
      return whyDevices(known, world).find((one) => one.device === device(2))?.lastTry?.path;
    };
    const requested: JournalRecord = { kind: 'file-requested', ...about, from: device(2) };
    const declined: JournalRecord = { kind: 'request-declined', ...about, from: device(2), reason: 'paused' };
    const started: JournalRecord = { kind: 'sub-transfer-started', ...share, start: 0, path };
    const ended: JournalRecord = { kind: 'sub-transfer-ended', ...share, outcome: 'silent', bytes: 0 };
    expect(pathAfter({ ...requested, path }, declined)).toEqual(path);
    expect(pathAfter(requested, started, ended)).toEqual(path);
    expect(pathAfter(requested, declined)).toBeUndefined();
    expect(pathAfter(requested, started, ended, requested)).toBeUndefined();
  });

  it('knows a device that was linked once, has written nothing and is offline now', () => {
    const seen: JournalRecord = { kind: 'device-seen', account: account(3), device: device(6), at: NOW };
    const [known, world] = look([seen, told(6, true)]);
    expect(whyDevices(known, world)[0]).toMatchObject({ device: device(6), holds: 'has', isLinked: false });
    expect(holdersOf(known, world)).toEqual({ holding: 1, devices: 5 });
    const revoked: JournalRecord = { ...seen, kind: 'device-revoked' };
    expect(holdersOf(...look([seen, told(6, true), revoked]))).toEqual({ holding: 0, devices: 4 });
  });

  it('counts the devices that are known to hold it, this one included', () => {
    expect(holdersOf(...look([told(2, true), told(3, false)]))).toEqual({ holding: 1, devices: 4 });
    const here: JournalRecord = { kind: 'file-verified', ...about, size: 3, mtimeMs: 0, inode: 0 };
    expect(holdersOf(...look([told(2, true), told(3, false), here]))).toEqual({ holding: 2, devices: 4 });
  });
});

describe('who gets a file from here', () => {
  const here: JournalRecord = { kind: 'file-verified', ...about, size: 3, mtimeMs: 1, inode: 1 };
  const givenAfter = (...records: readonly JournalRecord[]) => givingOf(look([here, ...records])[0]);
  const said = (kind: 'file-paused' | 'file-cancelled' | 'file-accepted', at: number) =>
    ({ kind, ...about, at }) as const;

  it('is every member, unless the user said otherwise, and since when', () => {
    expect(givenAfter()).toEqual({ to: 'members' });
    expect(givenAfter(said('file-paused', 7))).toEqual({ to: 'nobody', because: 'paused', since: 7 });
    expect(givenAfter(said('file-cancelled', 8))).toEqual({ to: 'nobody', because: 'cancelled', since: 8 });
    expect(givenAfter(said('file-cancelled', 8), said('file-accepted', 9))).toEqual({ to: 'members' });
  });

  it('is nobody once its message was taken back, and is no question where it is not here', () => {
    const [known] = look([here]);
    expect(givingOf({ ...known, file: { ...file, isDeleted: true } })).toEqual({ to: 'nobody', because: 'deleted' });
    expect(givingOf(look([said('file-cancelled', 8)])[0])).toBeUndefined();
  });
});
