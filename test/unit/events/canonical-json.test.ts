import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/events/canonical-json.ts';

describe('canonical JSON', () => {
  it.each([
    [{ b: '1', a: '2' }, '{"a":"2","b":"1"}'],
    [{ '\u00e9': '', z: '', '\uffff': '', '\u{10000}': '' }, '{"z":"","\\u00e9":"","\\uffff":"","\\ud800\\udc00":""}'],
    ['\b\f\n\r\t\u0001\u001f', '"\\b\\f\\n\\r\\t\\u0001\\u001f"'],
    ['/"\\\u007f', '"/\\"\\\\\u007f"'],
    ['\u0080\u2028\u{1f44d}', '"\\u0080\\u2028\\ud83d\\udc4d"'],
    ['\ud83d x \udc4d', '"\\ufffd x \\ufffd"'],
    [{ mode: 2, nothing: undefined, none: null, list: [1, 'a'] }, '{"list":[1,"a"],"mode":2,"none":null}'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('says the same as the value, in one way only', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(text);
        expect(text).toMatch(/^[ -\u007f]*$/);
      }),
    );
  });
});
