import { basename, join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extensionOf, fileIdOf, isSafeDisplayName } from '../../../src/events/file-id.ts';
import { CommitId } from '../../../src/ids.ts';

const COMMIT = CommitId.parse('3efec1865deb64d7ab03f6a94d8a41ba76b8babf');

describe('the id of a file', () => {
  it.each([
    ['a.png', 'png'],
    ['a.tar.gz', 'gz'],
    ['.hidden', 'hidden'],
    ['PHOTO.JPG', 'JPG'],
    ['Makefile', undefined],
    ['ends with a dot.', undefined],
    ['', undefined],
    ['a.1234567', '1234567'],
    ['a.12345678', undefined],
    ['a.\u00e9\u00e9\u00e9', '\u00e9\u00e9\u00e9'],
    ['a.\u00e9\u00e9\u00e9\u00e9', undefined],
    ['a.not an extension', undefined],
  ])('takes from %j the extension %j', (displayName, extension) => {
    expect(extensionOf(displayName)).toBe(extension);
    const suffix = extension === undefined ? '' : `.${extension}`;
    expect(fileIdOf(COMMIT, { tid: '7', displayName })).toBe(`${COMMIT}_7${suffix}`);
  });

  it.each(['x.a/b', 'x.\\a', 'x.\u0000', 'x.a\nb', 'x.\u007f'])('is not made for %j', (displayName) => {
    expect(isSafeDisplayName(displayName)).toBe(false);
    expect(() => fileIdOf(COMMIT, { tid: '7', displayName })).toThrow();
  });

  it('is one segment of a path for every name that counts as safe, and made for no other', () => {
    const names = fc.string({ unit: fc.constantFrom(...'ab./\\\u0000\u00e9 \n'), maxLength: 12 });
    fc.assert(
      fc.property(names, (displayName) => {
        if (!isSafeDisplayName(displayName)) {
          expect(() => fileIdOf(COMMIT, { tid: '7', displayName })).toThrow();
          return;
        }
        const id = fileIdOf(COMMIT, { tid: '7', displayName });
        expect(basename(id)).toBe(id);
        expect(normalize(join('/data', id))).toBe(`/data/${id}`);
      }),
      { numRuns: 1000 },
    );
  });
});
