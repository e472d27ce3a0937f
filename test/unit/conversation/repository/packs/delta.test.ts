import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyDelta } from '../../../../../src/conversation/repository/packs/delta.ts';
import { formatSize } from '../../../../../src/conversation/repository/packs/varint.ts';
import { isSyncError } from '../../../../../src/errors.ts';
import { GIT_OBJECT_BYTES } from '../../../../../src/limits.ts';
import { deltaOf } from '../../../../support/git/packs.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const BASE = Buffer.from('the base of it all');

it('gives the kept part of the base and what was added', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.uint8Array({ maxLength: 400 }), (base, cut, added) => {
      const kept = cut % base.byteLength;
      const result = applyDelta(base, deltaOf(base.byteLength, kept, added));
      expect(Buffer.from(result)).toEqual(Buffer.concat([base.subarray(0, kept), added]));
    }),
  );
});

it('reads a copy without a length as one of 64 KiB', () => {
  const base = new Uint8Array(0x10000).fill(7);
  const delta = Buffer.concat([formatSize(0x10000), formatSize(0x10000), Uint8Array.of(0x80)]);
  expect(Buffer.from(applyDelta(base, delta))).toEqual(Buffer.from(base));
});

it('ends in a result or a coded error, whatever the delta holds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (instructions) => {
      const delta = Buffer.concat([formatSize(BASE.byteLength), formatSize(20), instructions]);
      try {
        expect(applyDelta(BASE, delta)).toHaveLength(20);
      } catch (error) {
        expect(isSyncError(error, 'MALFORMED')).toBe(true);
      }
    }),
  );
});

it.each([
  ['it is meant for another base', deltaOf(BASE.byteLength + 1, 1, Buffer.from('x'))],
  ['it copies from outside of its base', deltaOf(BASE.byteLength, BASE.byteLength + 1, Buffer.from('x'))],
  ['it makes more bytes', Buffer.concat([formatSize(BASE.byteLength), formatSize(1), Uint8Array.of(2, 65, 66)])],
  ['it makes fewer bytes', Buffer.concat([formatSize(BASE.byteLength), formatSize(9), Uint8Array.of(2, 65, 66)])],
  ['an instruction that git reserves', Buffer.concat([formatSize(BASE.byteLength), formatSize(1), Uint8Array.of(0)])],
  ['an instruction is cut short', Buffer.concat([formatSize(BASE.byteLength), formatSize(1), Uint8Array.of(0x91)])],
  ['its header is cut short', Uint8Array.of(0x80)],
])('is refused because %s', async (detail, delta) => {
  expect((await thrownBy('MALFORMED', () => applyDelta(BASE, delta))).data.detail).toContain(detail);
});

it('is refused when it states a size beyond the limit, before anything of that size is made', () =>
  thrownBy('LIMIT_EXCEEDED', () =>
    applyDelta(BASE, Buffer.concat([formatSize(BASE.byteLength), formatSize(GIT_OBJECT_BYTES + 1)])),
  ));
