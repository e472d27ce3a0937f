import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { errorCodeOf } from '../../src/error-code.ts';

describe('errorCodeOf', () => {
  it.each([
    ['a failed call of the system', () => readFile('/nowhere/at/all'), 'ENOENT'],
    ['a failure within Node', () => promisify(inflate)(Buffer.alloc(3)), 'Z_DATA_ERROR'],
  ])('gives the code of %s', async (_, call, code) => {
    await expect(call().catch(errorCodeOf)).resolves.toBe(code);
  });

  it.each([
    ['an error without a code', new Error('no')],
    ['an error whose code is a number', Object.assign(new Error('no'), { code: 20 })],
    ['what is no error', { code: 'ENOENT' }],
    ['nothing', undefined],
  ])('gives none to %s', (_, value) => {
    expect(errorCodeOf(value)).toBeUndefined();
  });
});
