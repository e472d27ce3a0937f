import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatUnsigned, insertSignature, parseCommit } from '../../../../src/conversation/commit.ts';
import { readPlainCommit, signedBytesOf } from '../../../../src/conversation/screening/plain-commit.ts';
import { CommitId, DeviceId, ObjectId } from '../../../../src/ids.ts';

const hex = (digits: number) =>
  fc.uint8Array({ minLength: digits / 2, maxLength: digits / 2 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const id = CommitId.parse('ab'.repeat(20));

/** As our own writer makes them. */
const written = fc
  .record({
    tree: hex(40),
    parents: fc.array(hex(40), { maxLength: 2 }),
    device: hex(64),
    name: fc.constantFrom('alice', '', 'Zoë Müller', ' '),
    seconds: fc.nat({ max: 2 ** 31 }),
    message: fc.string({ unit: 'binary' }),
    signature: fc.uint8Array({ minLength: 1, maxLength: 32 }),
  })
  .map(({ tree, parents, device, name, seconds, message, signature }) =>
    insertSignature(
      formatUnsigned({
        tree: ObjectId.parse(tree),
        parents: parents.map((parent) => CommitId.parse(parent)),
        author: { name, device: DeviceId.parse(device), seconds },
        message,
      }),
      signature,
    ),
  );

/** What a commit may be turned into by those who want two readers to disagree. */
const twist = fc.oneof(
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => (bytes: Buffer) => {
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
  fc
    .tuple(
      fc.nat(),
      fc.constantFrom('\n', '\r', '<', '>', ' ', '=', '-', '\n\n', 'signature AA==\n', 'parent ', '0'.repeat(15)),
    )
    .map(
      ([at, text]) =>
        (bytes: Buffer) =>
          Buffer.concat([bytes.subarray(0, at % bytes.length), Buffer.from(text), bytes.subarray(at % bytes.length)]),
    ),
  fc.tuple(fc.nat(), fc.nat({ max: 80 })).map(([at, length]) => (bytes: Buffer) => {
    const start = at % bytes.length;
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
  }),
  fc
    .constantFrom<[string, string]>(
      ['committer ', 'committer x'],
      ['author ', 'author <'],
      ['+0000', '-0130'],
      ['=\n', '\n'],
    )
    .map(
      ([from, to]) =>
        (bytes: Buffer) =>
          Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1'),
    ),
);

it('reads what is written', () => {
  fc.assert(
    fc.property(written, (bytes) => {
      expect(screenedly(bytes)).toEqual(plainly(bytes));
    }),
  );
});

it('says nothing, or what the other reader says', () => {
  let read = 0;
  fc.assert(
    fc.property(written, fc.array(twist, { minLength: 1, maxLength: 3 }), (bytes, twists) => {
      const twisted = twists.reduce<Buffer>((made, make) => make(made), Buffer.from(bytes));
      const plain = screenedly(twisted);
      if (!plain) return;
      read += 1;
      expect(plain).toEqual(plainly(twisted));
    }),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(0);
});

function screenedly(bytes: Uint8Array) {
  const plain = readPlainCommit(bytes);
  if (!plain) return undefined;
  const { signatureLine, ...commit } = plain;
  return { ...commit, signedBytes: Buffer.from(signedBytesOf(bytes, plain)) };
}

/** What `parseCommit` says, in the words of a plain commit; its people have to be one. */
function plainly(bytes: Uint8Array) {
  const parsed = parseCommit(id, bytes);
  if (parsed.outcome === 'malformed') return parsed;
  const { tree, parents, author, committer, signature, signedBytes, message } = parsed.commit;
  const { device, ...person } = author;
  expect(person).toEqual(committer);
  return { tree, parents, device, seconds: committer.seconds, signature, signedBytes, message };
}
