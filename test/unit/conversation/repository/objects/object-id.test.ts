import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { it } from 'vitest';
import { objectIdOf } from '../../../../../src/conversation/repository/objects/object-id.ts';

const kind = fc.constantFrom('commit' as const, 'tree' as const, 'blob' as const, 'tag' as const);
/** Short ones after long ones, and on either side of where hashing goes another way. */
const objects = fc.array(
  fc.tuple(
    kind,
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(20_000).map((size) => new Uint8Array(size).fill(7)),
    ),
  ),
  { minLength: 2, maxLength: 8 },
);

it('names an object by the SHA-1 of its type, its size and its bytes, whatever was named before', () => {
  fc.assert(
    fc.property(objects, (all) =>
      all.every(([type, bytes]) => {
        const framed = Buffer.concat([Buffer.from(`${type} ${bytes.byteLength}\0`), bytes]);
        return objectIdOf(type, bytes) === createHash('sha1').update(framed).digest('hex');
      }),
    ),
  );
});
