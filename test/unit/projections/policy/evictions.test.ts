import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import { holdingKey, packHoldings } from '../../../../src/events/peer/holdings.ts';
import { CommitId, Digest, FileId } from '../../../../src/ids.ts';
import { files } from '../../../../src/projections/files.ts';
import { heldBy } from '../../../../src/projections/journal/holdings.ts';
import { evolveJournal, type JournalState } from '../../../../src/projections/journal/journal-state.ts';
import { activeDevices, members } from '../../../../src/projections/members.ts';
import { noClaims } from '../../../../src/projections/plan/claims.ts';
import {
  type Eviction,
  type EvictionInput,
  evictions,
  stayingFiles,
} from '../../../../src/projections/policy/evictions.ts';
import type { Policy } from '../../../../src/projections/policy/policy.ts';
import { taken, takenIn } from '../../../../src/projections/policy/room.ts';
import { isCloserToKeeping } from '../../../../src/projections/policy/who-keeps.ts';
import { project } from '../../../../src/projections/projection.ts';
import { account, device, interaction } from '../../../support/events/interactions.ts';
import { conversationId, fileOf, journalOf, nameOf } from '../../../support/projections/policies.ts';

/** Holdings are told by the first digits of an id, so those tell these apart. */
const commitId = (n: number) => CommitId.parse(n.toString(16).padStart(4, '0').padEnd(40, '0'));

const SELF_NUMBER = 9;
const SELF = { account: account(SELF_NUMBER), device: device(SELF_NUMBER) };
/** Other devices of the same account, which hold what it sent. */
const OWN_OTHERS = [5, 6, 7, 8];
const people = project(members, [
  interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } }),
  ...[2, 9].map((n) => interaction({ id: n, by: n, event: { kind: 'member-joined', uri: account(n) } })),
  ...OWN_OTHERS.map((n) => interaction({ id: n, by: 9, device: n, event: { kind: 'message-sent', body: 'here' } })),
]);

const others = [...activeDevices(people)].filter(({ device }) => device !== SELF.device);

interface Here {
  /** Tells files apart, and orders them by age. */
  readonly n: number;
  /** 2 unless told otherwise, whose device holds it, too. */
  readonly by?: number;
  readonly size?: number;
  readonly in?: number;
  readonly isHeldElsewhere?: boolean;
  readonly isDeleted?: boolean;
  readonly isAccepted?: boolean;
  /** The user has said since that it is given to nobody. */
  readonly isWithheld?: boolean;
  readonly at?: number;
  readonly isServed?: boolean;
}

const bigOne = fileOf({ id: 900, totalSize: 100 });

const roomIn = ({ held }: JournalState) => ({ held, claims: noClaims, free: undefined });

/** These files are here, and the wanted one, of 100 bytes, is to get room in conversation 1. */
function given(here: readonly Here[], policy: Partial<Policy>, isAskedFor = true): EvictionInput {
  const conversations = [1, 2].map((n) => ({
    conversation: conversationId(n),
    files: project(files, here.filter((one) => (one.in ?? 1) === n).flatMap(told)),
    others,
  }));
  const asked: JournalRecord = { kind: 'file-accepted', ...nameOf(bigOne), at: 99 };
  const journal = journalOf(...here.flatMap(recordsOf), ...(isAskedFor ? [asked] : []));
  const wanted = { conversation: conversationId(1), file: bigOne };
  const room = roomIn(journal);
  return { policy: { auto: 'all', evict: true, ...policy }, journal, room, self: SELF, conversations, wanted };
}

function told({ n, by = 2, size = 100, isDeleted = false }: Here) {
  const sha3sum = Digest.parse('b'.repeat(128));
  const event = { kind: 'file-announced', displayName: 'a.png', sha3sum, tid: '7', totalSize: size } as const;
  const announced = { ...interaction({ id: n, by, event }), id: commitId(n) };
  const deletion = interaction({ id: n, by, event: { kind: 'file-deleted', edit: commitId(n) } });
  return isDeleted ? [announced, deletion] : [announced];
}

function recordsOf({ n, size = 100, isHeldElsewhere = true, isAccepted, isWithheld, at = n, isServed, ...one }: Here) {
  const conversation = conversationId(one.in ?? 1);
  const fileId = FileId.parse(`${commitId(n)}_7.png`);
  const name = { conversation, interaction: commitId(n), fileId };
  const records: JournalRecord[] = [{ kind: 'file-verified', ...name, size, mtimeMs: 1, inode: 1, at }];
  if (isAccepted) records.unshift({ kind: 'file-accepted', ...name, at });
  if (isWithheld) records.push({ kind: 'file-cancelled', ...name, at });
  if (isServed)
    records.push({ kind: 'sub-transfer-started', ...name, peer: device(2), direction: 'serving', start: 0, at });
  const has = packHoldings([holdingKey(commitId(n))]);
  const holders = one.by === SELF_NUMBER ? OWN_OTHERS : [2];
  for (const holder of isHeldElsewhere ? holders : [])
    records.push({ kind: 'holdings-told', conversation, from: device(holder), isAll: false, has, lacks: '', at });
  return records;
}

/** A device of somebody else, or another own one, that is closer to keeping the file is known to hold it. */
function isKept({ conversation, file }: Eviction, { journal, self }: EvictionInput): boolean {
  return [...activeDevices(people)].some(
    (other) =>
      isCloserToKeeping(other, self, file) &&
      heldBy(journal.holdings, { conversation, interaction: file.interaction, device: other.device }) === 'has',
  );
}

function movableIn(input: EvictionInput): readonly Eviction[] {
  return input.conversations
    .flatMap(({ conversation, files: { announced } }) => [...announced].map((file) => ({ conversation, file })))
    .filter((one) => isKept(one, input));
}

const goes = (here: readonly Here[], policy: Partial<Policy>, isAskedFor?: boolean) =>
  evictions(given(here, policy, isAskedFor))
    .map(({ file }) => here.find(({ n }) => commitId(n) === file.interaction)?.n)
    .sort();

describe('what stays although room is wanted', () => {
  const here: readonly Here[] = [
    { n: 1, isHeldElsewhere: false },
    { n: 2, isServed: true },
    { n: 3, isAccepted: true },
    { n: 4, by: 9 },
    { n: 5 },
  ];

  it('is counted by why it stays', () => {
    const counts = stayingFiles(given(here, {}, false));
    expect(Object.fromEntries(counts)).toEqual({ 'last-copy': 1, 'in-use': 1, 'worth-more': 2 });
  });

  it('is not what was asked for where the wanted file was, nor a last copy where the policy gives those', () => {
    expect(Object.fromEntries(stayingFiles(given(here, { mayEvictLastCopy: true })))).toEqual({ 'in-use': 1 });
  });
});

describe('what goes to make room', () => {
  it.each<readonly [string, readonly Here[], number, readonly number[]]>([
    ['nothing, when there is room', [{ n: 1 }], 200, []],
    [
      'what was used longest ago',
      [
        { n: 1, at: 5 },
        { n: 2, at: 4 },
        { n: 3, at: 6 },
      ],
      300,
      [2],
    ],
    ['nothing that nobody else is known to hold', [{ n: 1, isHeldElsewhere: false }, { n: 2 }], 200, [2]],
    ['nothing at all, when it would not be enough', [{ n: 1, isHeldElsewhere: false }, { n: 2 }], 100, []],
    ['what came by itself before what was asked for', [{ n: 1, isAccepted: true }, { n: 2 }], 200, [2]],
    [
      'what others sent before what the user sent',
      [
        { n: 1, by: 9 },
        { n: 2, isAccepted: true },
      ],
      200,
      [2],
    ],
    [
      'what was deleted first, whoever holds it',
      [{ n: 1 }, { n: 2, isDeleted: true, isHeldElsewhere: false }],
      200,
      [2],
    ],
    ['nothing that somebody is getting', [{ n: 1, isServed: true }, { n: 2 }], 200, [2]],
    [
      'no more than it takes',
      [
        { n: 1, size: 10 },
        { n: 2, size: 100 },
      ],
      110,
      [2],
    ],
    ['what is elsewhere, when the bound is on everything', [{ n: 1, in: 2 }, { n: 2 }], 200, [1]],
  ])('is %s', (...[, here, total, gone]) => {
    expect(goes(here, { quota: { total } })).toEqual(gone);
  });

  it('is of the same conversation when the bound is on that', () => {
    expect(goes([{ n: 1, in: 2 }, { n: 2 }], { quota: { perConversation: 100 } })).toEqual([2]);
  });

  it('may be the last known copy only where the policy says so', () => {
    const here = [{ n: 1, isHeldElsewhere: false }];
    expect(goes(here, { quota: { total: 100 } })).toEqual([]);
    expect(goes(here, { quota: { total: 100 }, mayEvictLastCopy: true })).toEqual([1]);
  });

  it('is a file that two hold at one of them only, also when both make room at the same time', () => {
    const [self, other] = [SELF, { account: account(2), device: device(2) }];
    const has = packHoldings([holdingKey(commitId(1))]);
    const goesAt = (here: typeof self, there: typeof self, by: number) => {
      const input = given([{ n: 1, by, isHeldElsewhere: false }], { quota: { total: 100 } });
      const conversation = conversationId(1);
      const told = { kind: 'holdings-told', conversation, from: there.device, isAll: false, has, lacks: '' } as const;
      const journal = evolveJournal(input.journal, { ...told, at: 99 });
      const conversations = input.conversations.map((one) => ({ ...one, others: [there] }));
      return evictions({ ...input, conversations, journal, self: here }).length > 0;
    };
    expect([goesAt(self, other, 9), goesAt(other, self, 9)], 'who sent it keeps it').toEqual([false, true]);
    expect(goesAt(self, other, 1)).not.toBe(goesAt(other, self, 1));
  });

  it('is nothing that the user asked for or sent, where nobody asked for what is to come', () => {
    const byItself = (here: readonly Here[]) => goes(here, { quota: { total: 200 } }, false);
    expect(byItself([{ n: 1, isAccepted: true }, { n: 2 }])).toEqual([2]);
    expect(
      byItself([
        { n: 1, isAccepted: true, at: 1 },
        { n: 2, by: 9 },
      ]),
    ).toEqual([]);
    expect(
      byItself([
        { n: 1, isAccepted: true, isWithheld: true },
        { n: 2, by: 9 },
      ]),
    ).toEqual([]);
  });

  it('is never a last known copy, nor asked for while something came by itself, and always enough and no more, whatever is here', () => {
    const heres = fc.uniqueArray(
      fc.record({
        n: fc.integer({ min: 1, max: 40 }),
        by: fc.constantFrom(1, 2, 9),
        size: fc.integer({ min: 1, max: 120 }),
        in: fc.constantFrom(1, 2),
        isHeldElsewhere: fc.boolean(),
        isAccepted: fc.boolean(),
        at: fc.nat(50),
      }),
      { selector: ({ n }) => n, maxLength: 12 },
    );
    const quotas = fc.record({ total: fc.nat(900), perConversation: fc.nat(600) }, { requiredKeys: [] });
    fc.assert(
      fc.property(heres, quotas, fc.boolean(), (here, quota, isAskedFor) => {
        const input = given(here, { quota }, isAskedFor);
        const gone = evictions(input);
        const fits = (room: EvictionInput['room']) =>
          taken(room) + bigOne.totalSize <= (quota.total ?? Number.POSITIVE_INFINITY) &&
          takenIn(room, conversationId(1)) + bigOne.totalSize <= (quota.perConversation ?? Number.POSITIVE_INFINITY);
        const without = (list: typeof gone) => {
          const removed = list.map(({ conversation, file: { interaction: of, fileId } }): JournalRecord => {
            return { kind: 'file-removed', conversation, interaction: of, fileId, why: 'evicted', at: 99 };
          });
          return roomIn(removed.reduce(evolveJournal, input.journal));
        };
        const cameByItself = ({ file }: Eviction) => {
          const one = here.find(({ n }) => commitId(n) === file.interaction);
          return one?.by !== 9 && !one?.isAccepted;
        };
        const movable = movableIn(input).filter(cameByItself);
        for (const asked of gone.filter((one) => !cameByItself(one))) {
          expect(isAskedFor).toBe(true);
          expect(fits(without([...movable, ...gone.filter((one) => one !== asked)]))).toBe(false);
        }
        for (const { conversation, file } of gone) {
          expect(isKept({ conversation, file }, input)).toBe(true);
          expect(fits(without(gone.filter((one) => one.file !== file)))).toBe(false);
        }
        if (gone.length > 0) expect(fits(without(gone))).toBe(true);
      }),
    );
  });
});
