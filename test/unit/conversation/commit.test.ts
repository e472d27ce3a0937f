import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Commit,
  formatUnsigned,
  insertSignature,
  parseCommit,
  withSignature,
} from '../../../src/conversation/commit.ts';
import { authorName } from '../../../src/conversation/write/author-name.ts';
import { CommitId, DeviceId, ObjectId } from '../../../src/ids.ts';
import { COMMIT_MESSAGE_BYTES, COMMIT_PARENTS } from '../../../src/limits.ts';

const vector = (name: string) => readFileSync(new URL(`../../../fixtures/vectors/${name}`, import.meta.url));
const id = CommitId.parse('d26b539b1b9aff99e606efbbb6762c1db2087043');
const device = DeviceId.parse('6c76a6eb8bdc38db7f78482cc61b7c41d2fb1a13df0c20d917ca685c2ccbd93f');
const tree = ObjectId.parse('b94c88edcb22548709565deeacf190c20d00e312');

function parsed(bytes: Uint8Array): Commit {
  const result = parseCommit(id, bytes);
  if (result.outcome !== 'parsed') throw new TypeError(result.reason);
  return result.commit;
}

const hexId = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });
const draft = fc.record({
  tree: hexId.map((hex) => ObjectId.parse(hex)),
  parents: fc.array(
    hexId.map((hex) => CommitId.parse(hex)),
    { maxLength: 3 },
  ),
  author: fc.record({
    name: fc.string({ unit: 'grapheme' }).map((name) => authorName(name, device)),
    device: fc.constant(device),
    seconds: fc.nat(),
  }),
  message: fc.string({ unit: 'grapheme' }),
});

describe('a commit object', () => {
  it('is read as the vector says', () => {
    const commit = parsed(vector('initial.commit'));
    expect(commit).toMatchObject({
      tree,
      parents: [],
      author: { name: 'Alice', device, seconds: 1795000000, offset: '+0000' },
      committer: { email: device, seconds: 1795000000 },
      message: '{"mode":2,"type":"initial"}',
      headers: ['tree', 'author', 'committer', 'signature'],
    });
    expect(Buffer.from(commit.signedBytes).equals(vector('initial.tosign'))).toBe(true);
    const key = createPublicKey(vector('device.crt'));
    expect(verify('sha512', commit.signedBytes, key, commit.signature ?? new Uint8Array())).toBe(true);
  });

  it('is written as the vector says', () => {
    const unsigned = formatUnsigned({
      tree,
      parents: [],
      author: { name: 'Alice', device, seconds: 1795000000 },
      message: '{"mode":2,"type":"initial"}',
    });
    expect(Buffer.from(unsigned).equals(vector('initial.tosign'))).toBe(true);
    const { signature } = parsed(vector('initial.commit'));
    const whole = insertSignature(unsigned, signature ?? new Uint8Array());
    expect(Buffer.from(whole).equals(vector('initial.commit'))).toBe(true);
  });

  it('reads back what was written, whatever was said', () => {
    fc.assert(
      fc.property(draft, fc.uint8Array({ minLength: 1 }), (said, signature) => {
        const unsigned = formatUnsigned(said);
        const commit = parsed(insertSignature(unsigned, signature));
        expect(commit).toMatchObject({ tree: said.tree, parents: said.parents, message: said.message });
        expect(commit.author).toMatchObject(said.author);
        expect(Buffer.from(commit.signedBytes).equals(Buffer.from(unsigned))).toBe(true);
        expect(Buffer.from(commit.signature ?? []).equals(Buffer.from(signature))).toBe(true);
      }),
    );
  });

  it('reads the same with a signature, whether that was there or is put in later', () => {
    fc.assert(
      fc.property(draft, fc.uint8Array({ minLength: 1 }), (said, signature) => {
        const unsigned = formatUnsigned(said);
        const read = parsed(insertSignature(unsigned, signature));
        const later = withSignature(parsed(unsigned), { id, signature: Buffer.from(signature) });
        expect(later).toEqual(read);
      }),
    );
  });

  it('never throws, whatever bytes it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(['parsed', 'malformed']).toContain(parseCommit(id, bytes).outcome);
      }),
    );
  });

  it('notices every flipped bit: it is malformed, unsigned, or signs other bytes', () => {
    const good = vector('initial.commit');
    const { signature, signedBytes } = parsed(good);
    fc.assert(
      fc.property(fc.nat(good.length * 8 - 1), (bit) => {
        const bytes = Buffer.from(good);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const result = parseCommit(id, bytes);
        if (result.outcome === 'malformed' || result.commit.signature === undefined) return;
        const sameSignature = Buffer.from(result.commit.signature).equals(Buffer.from(signature ?? []));
        const sameBytes = Buffer.from(result.commit.signedBytes).equals(Buffer.from(signedBytes));
        expect(sameSignature && sameBytes).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('counts a second signature line as none', () => {
    const line = `signature ${Buffer.from('x').toString('base64')}\n`;
    const text = vector('initial.commit').toString('latin1').replace('signature', `${line}signature`);
    expect(parsed(Buffer.from(text, 'latin1')).signature).toBeUndefined();
  });

  it.each([
    ['no blank line', 'tree', /blank line/],
    ['no tree', `parent ${id}\n\n`, /tree/],
    ['a parent that is no id', `tree ${tree}\nparent HEAD\n\n`, /parent/],
    ['too many parents', `tree ${tree}\n${`parent ${id}\n`.repeat(COMMIT_PARENTS + 1)}\n`, /more parents/],
    ['an author without device', `tree ${tree}\nauthor A <a@b> 1 +0000\n\n`, /device/],
    ['a time that is no number', `tree ${tree}\nauthor A <${device}> now +0000\n\n`, /author/],
    ['no committer', `tree ${tree}\nauthor A <${device}> 1 +0000\n\n`, /committer/],
    ['too long a message', `tree ${tree}\n\n${'x'.repeat(COMMIT_MESSAGE_BYTES + 1)}`, /longer/],
  ])('with %s is malformed', (_, text, reason) => {
    expect(parseCommit(id, Buffer.from(text))).toEqual({ outcome: 'malformed', reason: expect.stringMatching(reason) });
  });
});

describe('the name in a commit', () => {
  it.each([
    ['Alice', 'Alice'],
    ['  "Bob".  ', 'Bob'],
    ['<b>Eve</b>', 'bEve/b'],
    ['two\nlines', 'two lines'],
    ['', device],
    [' .,:;<>"\\\' ', device],
  ])('%j becomes %j', (given, name) => {
    expect(authorName(given, device)).toBe(name);
  });
});
