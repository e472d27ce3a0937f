import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../../../src/events/journal-record.ts';
import type { LinkKind } from '../../../../src/ports.ts';
import { noClaims, withClaim } from '../../../../src/projections/plan/claims.ts';
import { FILE_TYPES } from '../../../../src/projections/policy/file-type.ts';
import { LINK_KINDS, type OwnRule, type Policy } from '../../../../src/projections/policy/policy.ts';
import { POLICY_RULES, rule } from '../../../../src/projections/policy/rule.ts';
import { ruleOverLinks } from '../../../../src/projections/policy/rule-over-links.ts';
import { account } from '../../../support/events/interactions.ts';
import { conversationId, fileOf, journalOf, nameOf } from '../../../support/projections/policies.ts';

const MiB = 1024 * 1024;
const conversation = conversationId(1);
const stamp = { size: 10, mtimeMs: 1, inode: 1 };

interface Given {
  readonly policy?: Partial<Policy>;
  readonly file?: Parameters<typeof fileOf>[0];
  readonly journal?: readonly JournalRecord[];
  readonly link?: LinkKind;
  readonly free?: number;
  /** Files that are under way, by their numbers. */
  readonly underWay?: readonly number[];
}

function ruled({ policy = {}, file: about = {}, journal: records = [], link, free, underWay = [] }: Given) {
  const file = fileOf(about);
  const journal = journalOf(...records);
  const record = journal.files.get(file.interaction);
  const asked = underWay.map((id) => fileOf({ id })).map((one) => ({ conversation, file: one, record: undefined }));
  const room = { held: journal.held, claims: asked.reduce(withClaim, noClaims), free };
  return rule({ auto: 'nothing', ...policy }, { conversation, file, record, link, room });
}

const name = nameOf(fileOf({}));
const said = (kind: 'file-accepted' | 'file-refused' | 'file-paused' | 'file-cancelled') => ({ kind, ...name, at: 1 });
const verified = { kind: 'file-verified', ...name, ...stamp, at: 1 } as const;
const lost = { kind: 'file-found-lacking', ...name, state: 'missing', ...stamp, size: 0, at: 2 } as const;
const evicted = { kind: 'file-removed', ...name, why: 'evicted', at: 2 } as const;

describe('without rules of one’s own', () => {
  it.each([
    ['small-picture', true, { policy: { auto: 'pictures' } }],
    ['small-picture', true, { policy: { auto: 'pictures' }, file: { displayName: 'A.JPG', totalSize: 20 * MiB } }],
    ['picture-too-big', false, { policy: { auto: 'pictures' }, file: { totalSize: 20 * MiB + 1 } }],
    ['picture-too-big', false, { policy: { auto: 'pictures', pictureBytes: 999 } }],
    ['not-a-picture', false, { policy: { auto: 'pictures' }, file: { displayName: 'a.svg' } }],
    ['auto-all', true, { policy: { auto: 'all' }, file: { displayName: 'a.exe' } }],
    ['auto-nothing', false, {}],
  ] as const)('%s decides %j', (id, fetch, given: Given) => {
    expect(ruled(given)).toEqual({ fetch, rule: id, says: POLICY_RULES[id] });
  });
});

describe('what was said, or was here', () => {
  it.each([
    ['accepted', true, { journal: [said('file-accepted')] }],
    ['refused', false, { policy: { auto: 'all' }, journal: [said('file-refused')] }],
    ['paused', false, { policy: { auto: 'all' }, journal: [said('file-paused')] }],
    ['cancelled', false, { policy: { auto: 'all' }, journal: [said('file-cancelled')] }],
    ['lost-here', true, { journal: [verified, lost] }],
    ['evicted', false, { policy: { auto: 'all' }, journal: [verified, evicted] }],
    ['evicted', false, { policy: { auto: 'all' }, journal: [said('file-accepted'), verified, evicted] }],
    ['accepted', true, { journal: [verified, evicted, said('file-accepted')] }],
    ['deleted', false, { policy: { auto: 'all' }, file: { isDeleted: true }, journal: [said('file-accepted')] }],
  ] as const)('%s decides %j before any rule', (id, fetch, given: Given) => {
    expect(ruled(given)).toMatchObject({ fetch, rule: id });
  });
});

describe('rules of one’s own', () => {
  const big: OwnRule = { when: { types: ['video'], atLeast: 100 }, do: 'ask' };
  const friends: OwnRule = { when: { from: [account(2)] }, do: 'fetch' };

  it.each([
    ['the type, by the name', { when: { types: ['audio', 'video'] }, do: 'fetch' }, { displayName: 'a.MKV' }, true],
    [
      'the type, which archives lack',
      { when: { types: [...FILE_TYPES] }, do: 'fetch' },
      { displayName: 'a.zip' },
      false,
    ],
    ['the extension', { when: { extensions: ['zip'] }, do: 'fetch' }, { displayName: 'a.ZIP' }, true],
    ['the least size', { when: { atLeast: 1000 }, do: 'fetch' }, { totalSize: 999 }, false],
    ['the greatest size', { when: { atMost: 1000 }, do: 'fetch' }, { totalSize: 1000 }, true],
    ['the sender', friends, { author: account(2) }, true],
    ['the sender, who is somebody else', friends, { author: account(3) }, false],
    ['the conversation', { when: { conversations: [conversation] }, do: 'fetch' }, {}, true],
    ['another conversation', { when: { conversations: [conversationId(2)] }, do: 'fetch' }, {}, false],
    ['nothing: it is for every file', { when: {}, do: 'fetch' }, {}, true],
  ] as const)('look at %s', (...[, own, file, fetch]) => {
    expect(ruled({ policy: { rules: [own] }, file })).toMatchObject({
      fetch,
      rule: fetch ? 'own-rule' : 'auto-nothing',
    });
  });

  it('decide in their order', () => {
    const policy = { rules: [big, friends] };
    const file = { displayName: 'a.mkv', author: account(2) };
    expect(ruled({ policy, file })).toMatchObject({ fetch: false, rule: 'own-rule', index: 0 });
    expect(ruled({ policy, file: { ...file, totalSize: 99 } })).toMatchObject({ fetch: true, index: 1 });
    expect(ruled({ policy, file }).says).toBe('rule 1 of your policy says ask');
  });
});

describe('rules about links', () => {
  const policy: Policy = { auto: 'all', rules: [{ when: { over: ['relay'] }, do: 'ask' }] };
  const subject = { conversation, file: fileOf({}), record: undefined };
  const over = (...kinds: LinkKind[]) => ruleOverLinks(policy, subject, new Set(kinds));

  it('let a file come over one kind of link, and not over another', () => {
    const { ruling, allows } = over('lan', 'relay');
    expect(ruling.fetch).toBe(true);
    expect([allows('lan'), allows('relay'), allows('direct'), allows(undefined)]).toEqual([true, false, false, false]);
  });

  it('hold the file back while only such a link is there, or none', () => {
    expect(over('relay').ruling).toMatchObject({ fetch: false, rule: 'own-rule' });
    expect(over().ruling.fetch).toBe(false);
  });

  it('cost nothing where there are none: one ruling is for all', () => {
    const { allows } = ruleOverLinks({ auto: 'all' }, subject, new Set());
    expect([allows('relay'), allows(undefined)]).toEqual([true, true]);
  });

  it('that fetch over one kind wait until such a link is there', () => {
    const lanOnly: Policy = { auto: 'nothing', rules: [{ when: { over: ['lan'] }, do: 'fetch' }] };
    expect(ruleOverLinks(lanOnly, subject, new Set()).ruling.fetch).toBe(false);
    expect(ruleOverLinks(lanOnly, subject, new Set(['relay'])).ruling.fetch).toBe(false);
    expect(ruleOverLinks(lanOnly, subject, new Set(['lan'])).ruling.fetch).toBe(true);
  });
});

describe('room', () => {
  const all = { auto: 'all' } as const;
  const other = { kind: 'file-verified', ...nameOf(fileOf({ id: 7 })), ...stamp, size: 500, at: 1 } as const;

  it.each([
    ['over-quota', { policy: { ...all, quota: { total: 1499 } }, journal: [other] }],
    ['auto-all', { policy: { ...all, quota: { total: 1500 } }, journal: [other] }],
    ['over-quota', { policy: { ...all, quota: { perConversation: 1499 } }, journal: [other] }],
    [
      'auto-all',
      { policy: { ...all, quota: { perConversation: 0, conversations: { [conversation]: 1500 } } }, journal: [other] },
    ],
    ['accepted', { policy: { ...all, quota: { total: 0 } }, journal: [said('file-accepted')] }],
    ['disk-reserve', { policy: { ...all, reserve: 1 }, free: 1000 }],
    ['disk-reserve', { policy: { ...all, reserve: 1 }, free: 1000, journal: [said('file-accepted')] }],
    ['auto-all', { policy: { ...all, reserve: 1 }, free: 1001 }],
    ['auto-all', { policy: all }],
  ] as const)('decides: %s', (id, given: Given) => {
    expect(ruled(given).rule).toBe(id);
  });

  it('is kept for what is under way', () => {
    const policy = { ...all, reserve: 0, quota: { total: 1999 } };
    expect(ruled({ policy, underWay: [7] }).rule).toBe('over-quota');
    expect(ruled({ policy: { ...policy, quota: {} }, free: 1999, underWay: [7] }).rule).toBe('disk-reserve');
    // What is under way itself has its room already.
    expect(ruled({ policy, underWay: [100] }).rule).toBe('auto-all');
  });

  it('is of no use to what is under way once the disk is below its reserve', () => {
    const given = { policy: { ...all, reserve: 2000 }, underWay: [100] };
    expect(ruled({ ...given, free: 2000 }).rule).toBe('auto-all');
    expect(ruled({ ...given, free: 1999 }).rule).toBe('disk-reserve');
  });
});

describe('whatever the policy', () => {
  const conditions = fc.record(
    {
      types: fc.subarray([...FILE_TYPES]),
      atLeast: fc.nat(2000),
      atMost: fc.nat(2000),
      from: fc.constantFrom([account(1)], [account(2)]),
      over: fc.subarray([...LINK_KINDS]),
    },
    { requiredKeys: [] },
  );
  const policies: fc.Arbitrary<Policy> = fc.record(
    {
      auto: fc.constantFrom('nothing', 'pictures', 'all'),
      rules: fc.array(fc.record({ when: conditions, do: fc.constantFrom('fetch', 'ask') }), { maxLength: 4 }),
      reserve: fc.nat(5000),
      quota: fc.record({ total: fc.nat(5000), perConversation: fc.nat(5000) }, { requiredKeys: [] }),
    },
    { requiredKeys: ['auto'] },
  );
  const links = fc.option(fc.constantFrom(...LINK_KINDS), { nil: undefined });

  it('nothing is fetched against the user’s word, and what the user wants only the reserve holds back', () => {
    const words = fc.constantFrom('file-accepted', 'file-refused', 'file-paused', 'file-cancelled');
    fc.assert(
      fc.property(policies, words, links, fc.nat(10_000), (...[policy, word, link, free]) => {
        const { fetch, rule: id } = ruled({ policy, journal: [said(word)], free, ...(link && { link }) });
        if (word === 'file-accepted') expect(fetch || id === 'disk-reserve').toBe(true);
        else expect(fetch).toBe(false);
      }),
    );
  });

  it('an unknown link never allows what a known one might forbid', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const unknown = ruled({ policy }).fetch;
        if (unknown) for (const link of LINK_KINDS) expect(ruled({ policy, link }).fetch).toBe(true);
      }),
    );
  });
});
