import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournalRecord, OFFER_ANSWERS, SUB_TRANSFER_FAILURES } from '../../../src/events/journal-record.ts';
import { type DeviceId, Digest } from '../../../src/ids.ts';
import { REQUEST_ANSWER_MS } from '../../../src/limits.ts';
import { announcedFiles, type FileAnnouncement, files } from '../../../src/projections/files.ts';
import { evolveJournal, initialJournalState } from '../../../src/projections/journal/journal-state.ts';
import type { Hold } from '../../../src/projections/plan/wanting.ts';
import { project } from '../../../src/projections/projection.ts';
import { type TransferPhase, type TransferState, transferState } from '../../../src/projections/transfer-state.ts';
import { directionsOf, transferView } from '../../../src/projections/transfers.ts';
import { account, device, interaction } from '../../support/events/interactions.ts';
import { GOLDEN_RECORDS as GOLDEN } from '../../support/events/journal-records.ts';
import { only } from '../../support/only.ts';

type FileRecord = Extract<JournalRecord, { interaction: unknown; at: number }>;

const { 'file-verified': verified, 'file-found-lacking': lacking, 'file-requested': requested } = GOLDEN;
const {
  'file-accepted': accepted,
  'file-refused': refused,
  'file-paused': paused,
  'file-cancelled': cancelled,
} = GOLDEN;

/** The file that the golden records speak of: 12 bytes, announced by device 1. */
const file: FileAnnouncement = {
  ...only([
    ...announcedFiles(
      project(files, [
        interaction({
          id: 1,
          event: {
            ...{ kind: 'file-announced', displayName: 'a.txt', tid: '7305216948017365', totalSize: 12 },
            sha3sum: Digest.parse('b'.repeat(128)),
          },
        }),
      ]),
    ),
  ]),
  interaction: verified.interaction,
};

const removed: FileRecord = { ...GOLDEN['file-removed'], at: GOLDEN['sub-transfer-ended'].at };
const offered = (peer: number): FileRecord => ({ ...GOLDEN['sub-transfer-offered'], peer: device(peer) });
const answered = (peer: number, answer: (typeof OFFER_ANSWERS)[number]): FileRecord => ({
  ...GOLDEN['offer-answered'],
  ...{ peer: device(peer), answer },
});
const declined = (reason: 'paused' | 'has-not'): FileRecord => ({
  ...GOLDEN['request-declined'],
  ...{ from: device(1), reason },
});
type Direction = 'receiving' | 'serving';
type Outcome = JournalRecord & { kind: 'sub-transfer-ended' };
const started = (peer: number, direction: Direction = 'receiving'): FileRecord => ({
  ...GOLDEN['sub-transfer-started'],
  ...{ peer: device(peer), direction, start: 0 },
});
const progressed = (peer: number, bytes: number, at: number): FileRecord => ({
  ...GOLDEN['sub-transfer-progressed'],
  ...{ peer: device(peer), bytes, at },
});
const ended = (peer: number, outcome: Outcome['outcome'], direction: Direction = 'receiving'): FileRecord => ({
  ...GOLDEN['sub-transfer-ended'],
  ...{ peer: device(peer), outcome, direction, bytes: 0 },
});
const served = (peer: number, outcome: Outcome['outcome']) => [
  started(peer, 'serving'),
  ended(peer, outcome, 'serving'),
];

/** The word of a device in the record at that place. */
const by = (peer: number, place: number, at = GOLDEN['sub-transfer-ended'].at) => ({
  ...{ by: 'peer', device: device(peer), at: at + place },
});

interface Given {
  readonly direction?: Direction;
  readonly hold?: Hold | undefined;
  readonly isDeleted?: boolean;
  readonly others?: readonly DeviceId[];
  /** Devices that said that they have it. */
  readonly holders?: readonly DeviceId[];
}

/** The records as they come, one millisecond apart, folded over a restart. */
function situation(records: readonly FileRecord[], given: Given = {}) {
  const { direction = 'receiving', hold, isDeleted = false, others = [], holders = [] } = given;
  const inOrder = records.map((record, i) => ({ ...record, at: record.at + i }) as JournalRecord);
  const record = inOrder.reduce(evolveJournal, initialJournalState).files.get(file.interaction);
  const isHeldBy = (one: DeviceId) => holders.includes(one);
  return { file: { ...file, isDeleted }, record, direction, others, hold: () => hold, isHeldBy };
}
const stateAfter = (records: readonly FileRecord[], given: Given = {}): TransferState =>
  transferState(situation(records, given));

describe('what is received', () => {
  it.each<[string, readonly FileRecord[], Given, object]>([
    [
      'waits for our user when the policy leaves it to them',
      [],
      { hold: 'await-user' },
      { phase: 'awaiting-acceptance', where: 'here' },
    ],
    ['waits when it is wanted', [], {}, { phase: 'waiting' }],
    ['waits while there is no room for it', [], { hold: 'await-room' }, { phase: 'waiting' }],
    [
      'waits for the device that was asked, whatever came up since',
      [requested],
      { hold: 'await-user' },
      { phase: 'waiting', device: requested.from, until: requested.at + REQUEST_ANSWER_MS },
    ],
    [
      'waits for the device that was asked',
      [requested],
      {},
      { phase: 'waiting', device: requested.from, until: requested.at + REQUEST_ANSWER_MS },
    ],
    ['runs while any runs', [started(1), ended(1, 'silent'), started(2)], {}, { phase: 'running' }],
    ['waits again when a link broke', [started(1), ended(1, 'interrupted')], {}, { phase: 'waiting' }],
    ['is paused by the peer', [started(1), ended(1, 'paused-there')], {}, { phase: 'paused', ...by(1, 1) }],
    [
      'is paused by the peer that said so when it was asked, its link having broken before',
      [started(1), ended(1, 'interrupted'), declined('paused')],
      {},
      { phase: 'paused', ...by(1, 2, declined('paused').at) },
    ],
    ['waits when the one that was asked does not have it', [declined('has-not')], {}, { phase: 'waiting' }],
    ['is paused by us', [started(1), paused, ended(1, 'paused-here')], {}, { phase: 'paused', by: 'us' }],
    [
      'goes on once it is accepted again',
      [started(1), paused, ended(1, 'paused-here'), accepted],
      {},
      { phase: 'waiting' },
    ],
    ['is refused by us', [refused], {}, { phase: 'refused', by: 'us' }],
    ['is cancelled by us', [started(1), cancelled, ended(1, 'cancelled')], {}, { phase: 'cancelled', by: 'us' }],
    ['is cancelled by its source', [started(1), ended(1, 'cancelled')], {}, { phase: 'cancelled', ...by(1, 1) }],
    [
      'is tried again after our cancel',
      [started(1), cancelled, ended(1, 'cancelled'), accepted],
      {},
      { phase: 'waiting' },
    ],
    [
      'has failed when every source has',
      [started(1), ended(1, 'wrong-digest'), started(2), ended(2, 'wrong-size')],
      {},
      { phase: 'failed', failure: 'wrong-size' },
    ],
    [
      'has not failed while one was only interrupted',
      [started(2), ended(2, 'wrong-size'), started(1), ended(1, 'interrupted')],
      {},
      { phase: 'waiting' },
    ],
    ['is complete when the file is verified', [started(1), ended(1, 'silent'), verified], {}, { phase: 'complete' }],
    ['waits when it was lost', [started(1), ended(1, 'complete'), verified, lacking], {}, { phase: 'waiting' }],
    ['is deleted', [started(1)], { isDeleted: true }, { phase: 'deleted' }],
  ])('%s', (_, ...[records, given, expected]) => {
    expect(stateAfter(records, given)).toEqual(expected);
  });
});

describe('what is served: the furthest device counts', () => {
  const one = { direction: 'serving', others: [device(2), device(3)] } as const;
  it.each<[string, readonly FileRecord[], Given, object]>([
    ['is announced before any device was told', [], one, { phase: 'announced' }],
    ['waits for the device that was told', [offered(2)], one, { phase: 'waiting', device: device(2) }],
    [
      'waits for the user there',
      [offered(2), answered(2, 'awaiting'), offered(3)],
      one,
      { phase: 'awaiting-acceptance', where: 'there' },
    ],
    [
      'runs while one takes it, whatever the others say',
      [answered(2, 'refused'), started(3, 'serving')],
      one,
      { phase: 'running' },
    ],
    [
      'is paused by one that halts it',
      [started(3, 'serving'), ended(3, 'paused-there', 'serving')],
      one,
      { phase: 'paused', ...by(3, 2) },
    ],
    [
      'is complete when one has it, while another still takes it',
      [...served(2, 'complete'), started(3, 'serving')],
      one,
      { phase: 'complete' },
    ],
    [
      'is complete when one got it elsewhere, though its share failed here',
      [offered(3), ...served(2, 'wrong-digest')],
      { ...one, holders: [device(2)] },
      { phase: 'complete' },
    ],
    [
      'is complete when one got it elsewhere that was never told from here',
      [answered(2, 'refused')],
      { ...one, holders: [device(3)] },
      { phase: 'complete' },
    ],
    [
      'runs though the announcing device has it: so it always was',
      [started(3, 'serving')],
      { ...one, others: [device(1), device(3)], holders: [device(1)] },
      { phase: 'running' },
    ],
    ['is complete when one has had it before', [answered(2, 'has-it')], one, { phase: 'complete' }],
    ['is not refused while a device was not told yet', [answered(2, 'refused')], one, { phase: 'announced' }],
    [
      'is refused when all refuse',
      [answered(2, 'refused'), answered(3, 'refused')],
      one,
      { phase: 'refused', by: 'peer' },
    ],
    [
      'has failed when all refuse or fail',
      [answered(2, 'refused'), ...served(3, 'wrong-digest')],
      one,
      { phase: 'failed', failure: 'wrong-digest' },
    ],
    [
      'waits for a device whose link broke',
      [answered(2, 'refused'), ...served(3, 'interrupted')],
      one,
      { phase: 'waiting' },
    ],
    [
      'is cancelled by who was taking it',
      [...served(2, 'cancelled'), answered(3, 'refused')],
      one,
      { phase: 'cancelled', ...by(2, 2) },
    ],
    [
      'stays cancelled, and since when it was, whatever is said of it since',
      [...served(2, 'cancelled'), answered(3, 'refused'), answered(2, 'cancelled')],
      one,
      { phase: 'cancelled', ...by(2, 2) },
    ],
    [
      'is cancelled by who was to take it',
      [offered(2), answered(2, 'accepted'), answered(2, 'cancelled'), answered(3, 'refused')],
      one,
      { phase: 'cancelled', ...by(2, 3, answered(2, 'cancelled').at) },
    ],
    ['is paused by our word', [...served(2, 'complete'), paused], one, { phase: 'paused', by: 'us' }],
    ['is withheld by our word', [...served(2, 'complete'), cancelled], one, { phase: 'cancelled', by: 'us' }],
    [
      'is as far as it was once the word is taken back',
      [...served(2, 'complete'), paused, accepted],
      one,
      { phase: 'complete' },
    ],
    ['is deleted', [...served(2, 'complete')], { ...one, isDeleted: true }, { phase: 'deleted' }],
  ])('%s', (_, ...[records, given, expected]) => {
    expect(stateAfter([verified, ...records], given)).toEqual(expected);
  });
});

describe('the states together', () => {
  const record = fc.oneof(
    fc.constantFrom<FileRecord>(verified, lacking, requested, accepted, refused, paused, cancelled, offered(2)),
    fc.constantFrom(...OFFER_ANSWERS).map((answer) => answered(2, answer)),
    fc.constantFrom<FileRecord>(started(2), started(3), started(2, 'serving'), progressed(2, 5, 0)),
    fc
      .record({
        outcome: fc.constantFrom('complete' as const, ...SUB_TRANSFER_FAILURES),
        direction: fc.constantFrom('receiving' as const, 'serving' as const),
      })
      .map(({ outcome, direction }) => ended(2, outcome, direction)),
  );
  const given = fc.record({
    direction: fc.constantFrom('receiving' as const, 'serving' as const),
    hold: fc.constantFrom('await-user' as const, 'await-room' as const, undefined),
    isDeleted: fc.boolean(),
    others: fc.subarray([device(2), device(3)]),
    holders: fc.subarray([device(2), device(3)]),
  });

  it('survive a restart at any moment: what was written down tells them again', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), given, fc.nat(12), (records, when, cut) => {
        const written = records.map((one, i) => ({ ...one, at: i }) as JournalRecord);
        const before = written.slice(0, cut).reduce(evolveJournal, initialJournalState);
        const again = written
          .slice(0, cut)
          .map((one) => JournalRecord.parse(JSON.parse(JSON.stringify(one))))
          .reduce(evolveJournal, initialJournalState);
        const stateOf = (state: typeof before) =>
          transferState({ ...situation([], when), record: state.files.get(file.interaction) });
        expect(stateOf(again)).toEqual(stateOf(before));
        const rest = written.slice(cut);
        expect(stateOf(rest.reduce(evolveJournal, again))).toEqual(
          stateOf(written.reduce(evolveJournal, initialJournalState)),
        );
      }),
    );
  });

  it('are decided whatever the journal holds, and all of docs/transfers.md can be reached', () => {
    const seen = new Set<TransferPhase>();
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), given, (records, when) => {
        seen.add(stateAfter(records, when).phase);
      }),
      { numRuns: 3000, seed: 7 },
    );
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/transfers.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, phase]) => phase);
    // While it runs, what has arrived decides; that is told by the live figures.
    expect([...seen, 'verifying'].sort()).toEqual([...new Set(listed)].sort());
  });
});

describe('the view of a transfer', () => {
  const viewOf = (records: readonly FileRecord[], given: Given = {}) =>
    transferView({
      ...situation(records, given),
      conversation: verified.conversation,
      accountOf: (peer) => (peer === device(2) ? account(2) : undefined),
    });

  it('tells pace and what is left, and each device with its account', () => {
    const view = viewOf([started(2), progressed(2, 9, started(2).at + 999)]);
    expect(view).toMatchObject({ bytes: 9, bytesPerSecond: 9, etaMs: 334, sources: 1 });
    expect(only(view.subTransfers)).toMatchObject({ peer: device(2), account: account(2), phase: 'running', bytes: 9 });
    expect(only(viewOf([started(3)]).subTransfers)).not.toHaveProperty('account');
  });

  it('shows a device that got it elsewhere as one that has it, but not while it takes it from here', () => {
    const records = [verified, offered(2), started(3, 'serving')];
    const view = viewOf(records, { direction: 'serving', holders: [device(2), device(3)] });
    expect(view.subTransfers).toMatchObject([
      { peer: device(2), phase: 'complete' },
      { peer: device(3), phase: 'running' },
    ]);
  });

  const halted = [started(1), paused, ended(1, 'paused-here')];
  it.each<[string, readonly FileRecord[], readonly object[]]>([
    ['halted here', halted, [{ phase: 'paused', by: 'us' }]],
    ['none once our user wants to go on, and the device has not been heard', [...halted, accepted], []],
    [
      'halted there once the device says so',
      [...halted, accepted, declined('paused')],
      [{ phase: 'paused', by: 'peer' }],
    ],
    [
      'halted there, whatever it failed by before',
      [started(1), ended(1, 'silent'), declined('paused')],
      [{ by: 'peer' }],
    ],
    ['running once it sends', [...halted, accepted, declined('paused'), started(1)], [{ phase: 'running' }]],
  ])('has a share that is %s', (_, records, shares) => {
    const timed = records.map((record, i) => ({ ...record, at: GOLDEN['sub-transfer-ended'].at + i }));
    expect(viewOf(timed).subTransfers).toMatchObject(shares);
  });

  const half = [started(2), progressed(2, 9, started(2).at + 1)];
  it.each<[string, readonly FileRecord[], number]>([
    ['what its source took back half-way', [...half, { ...ended(2, 'cancelled'), bytes: 9 } as FileRecord], 9],
    ['nothing once our user has cancelled it', [...half, cancelled, ended(2, 'cancelled')], 0],
    ['nothing once our user has refused it after a pause', [...half, ended(2, 'paused-here'), paused, refused], 0],
    ['nothing of what was removed', [started(2), ended(2, 'complete'), verified, removed], 0],
  ])('has %s', (_, records, bytes) => {
    expect(viewOf(records).bytes).toBe(bytes);
  });

  it('has all bytes when it is complete', () => {
    expect(viewOf([verified])).toMatchObject({ phase: 'complete', bytes: 12 });
  });

  it.each<[string, readonly FileRecord[], object, readonly Direction[]]>([
    ['a file that is missing', [], {}, ['receiving']],
    ['a file that came from a device', [started(2), verified], {}, ['receiving']],
    ['a file of others that only lies here', [verified], {}, []],
    ['an own file', [verified], { device: device(9) }, ['serving']],
    ['an own file that was lost', [verified, lacking], { device: device(9) }, ['receiving', 'serving']],
    ['a file that was passed on', [started(2), verified, started(3, 'serving')], {}, ['receiving', 'serving']],
    ['a file that was taken back before any of it came', [], { isDeleted: true }, []],
  ])('is there for %s', (_, ...[records, change, expected]) => {
    const { record: known } = situation(records);
    expect(directionsOf({ ...file, ...change }, { record: known, self: device(9) })).toEqual(expected);
  });
});
