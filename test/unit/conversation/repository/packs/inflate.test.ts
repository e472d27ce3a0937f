import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inflateExactly } from '../../../../../src/conversation/repository/packs/inflate.ts';
import { isSyncError } from '../../../../../src/errors.ts';

interface Case {
  readonly content: Uint8Array;
  readonly level: number;
  readonly damage:
    | { readonly kind: 'none' | 'cut' | 'flipped'; readonly at: number }
    | { readonly kind: 'size'; readonly by: number };
  readonly behind: Uint8Array;
}

const text = fc.string({ maxLength: 2000 }).map((characters) => Buffer.from(characters));
const cases: fc.Arbitrary<Case> = fc.record({
  content: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    text,
    fc.nat(20_000).map((size) => Buffer.alloc(size, 'a')),
  ),
  level: fc.integer({ min: 0, max: 9 }),
  damage: fc.oneof(
    fc.record({ kind: fc.constantFrom('none' as const, 'cut' as const, 'flipped' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('size' as const), by: fc.integer({ min: -20, max: 20 }) }),
  ),
  behind: fc.uint8Array({ maxLength: 30 }),
});

function inputOf({ content, level, damage, behind }: Case): { input: Uint8Array; size: number } {
  const stream = Buffer.from(deflateSync(content, { level }));
  if (damage.kind === 'size')
    return { input: Buffer.concat([stream, behind]), size: Math.max(0, content.byteLength + damage.by) };
  const at = damage.at % stream.byteLength;
  if (damage.kind === 'cut') return { input: stream.subarray(0, at), size: content.byteLength };
  if (damage.kind === 'flipped') stream[at] = (stream[at] ?? 0) ^ (1 << (damage.at % 8));
  return { input: Buffer.concat([stream, behind]), size: content.byteLength };
}

/** The bytes as text, which compares fast. */
type Outcome = { readonly bytes: string } | 'short' | 'refused';

/** What it comes to with an engine of its own for each stream. */
function alone(input: Uint8Array, size: number): Outcome {
  try {
    // In one piece: a stream that is both too long and cut off is too long, as that is noticed first.
    const bytes = inflateSync(input, { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) });
    return bytes.byteLength === size ? { bytes: bytes.toString('latin1') } : 'refused';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' ? 'short' : 'refused';
  }
}

function together(input: Uint8Array, size: number, room?: Uint8Array): Outcome {
  try {
    const inflated = inflateExactly(input, size, room);
    return inflated.outcome === 'done' ? { bytes: Buffer.from(inflated.bytes).toString('latin1') } : 'short';
  } catch (error) {
    if (isSyncError(error, 'MALFORMED')) return 'refused';
    throw error;
  }
}

it('says of each stream what is said of it alone, whatever came before it', () => {
  fc.assert(
    fc.property(fc.array(cases, { minLength: 1, maxLength: 8 }), fc.nat({ max: 600 }), (several, roomBytes) => {
      const inputs = several.map(inputOf);
      const room = new Uint8Array(roomBytes);
      const expected = inputs.map(({ input, size }) => alone(input, size));
      expect(inputs.map(({ input, size }) => together(input, size))).toEqual(expected);
      expect(inputs.map(({ input, size }) => together(input, size, room))).toEqual(expected);
    }),
  );
});

it('tells where the stream ends, and leaves alone what follows it', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (content, behind) => {
      const stream = deflateSync(content);
      const inflated = inflateExactly(Buffer.concat([stream, behind]), content.byteLength);
      expect(inflated).toMatchObject({ outcome: 'done', consumed: stream.byteLength });
    }),
  );
});

it('gives each stream memory of its own', () => {
  const [first, second] = ['first', 'other'].map((text) => inflateExactly(deflateSync(text), 5));
  expect([first, second].map((inflated) => inflated?.outcome === 'done' && String(inflated.bytes))).toEqual([
    'first',
    'other',
  ]);
});

it('uses the room it is given when there is one byte more than the stream gives', () => {
  const room = new Uint8Array(6);
  expect(inflateExactly(deflateSync('first'), 5, room)).toMatchObject({ outcome: 'done' });
  expect(String(Buffer.from(room.subarray(0, 5)))).toBe('first');
  expect(inflateExactly(deflateSync('second'), 6, room)).toMatchObject({ outcome: 'done' });
  expect(String(Buffer.from(room.subarray(0, 5)))).toBe('first');
});
