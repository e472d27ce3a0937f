import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteCache } from '../../src/byte-cache.ts';

const lengths = () => createByteCache<string, string>(10, ({ length }) => length);

describe('a byte cache', () => {
  it('keeps what fits into half of it', () => {
    const cache = lengths();
    cache.set('a', 'xx');
    cache.set('b', 'yyy');
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['xx', 'yyy', undefined]);
  });

  it('does not keep a value larger than half of it, and forgets the one before', () => {
    const cache = lengths();
    cache.set('a', 'xx');
    cache.set('a', 'x'.repeat(6));
    expect(cache.get('a')).toBeUndefined();
  });

  it('gives up what is deleted, and its room', () => {
    const cache = lengths();
    cache.set('a', 'xxx');
    cache.delete('a');
    cache.set('b', 'yyyyy');
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 'yyyyy']);
  });

  it('gives back the last value of a key', () => {
    const cache = lengths();
    cache.set('a', 'xx');
    cache.set('a', 'yyy');
    expect(cache.get('a')).toBe('yyy');
  });

  it('keeps what is used all the time, whatever else comes by', () => {
    const cache = lengths();
    cache.set('a', 'x');
    for (let place = 0; place < 100; place++) {
      expect(cache.get('a')).toBe('x');
      cache.set(`passing ${place}`, 'yy');
    }
  });

  it('never holds more than its limit, nor anything that was not the last value of its key', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), value: fc.string({ maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const cache = lengths();
        const last = new Map<string, string>();
        for (const { key, value } of steps) {
          cache.set(key, value);
          last.set(key, value);
        }
        const held = [...last].flatMap(([key, value]) => {
          const found = cache.get(key);
          expect([value, undefined]).toContain(found);
          return found ?? [];
        });
        // Reading moves values between generations, and may push others out: what was seen is a bound from above.
        expect(held.join('').length).toBeLessThanOrEqual(10);
      }),
    );
  });
});
