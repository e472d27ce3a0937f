import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../../src/engine/control/line-reader.ts';
import { thrownBy } from '../../../support/thrown.ts';

const LIMIT = 40;

/** Cuts the bytes at the given places. */
async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [at, place] of places.entries()) yield bytes.subarray(places[at - 1] ?? 0, place);
}

async function read(bytes: AsyncIterable<Buffer>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(bytes, LIMIT)) lines.push(line);
  return lines;
}

const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 3 }).filter((text) => !text.includes('\n')));
const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe('a line reader', () => {
  it('gives the lines that went in, wherever the bytes were cut', async () => {
    await fc.assert(
      fc.asyncProperty(lines, cuts, async (given, places) => {
        const bytes = Buffer.from(given.map((line) => `${line}\n`).join(''));
        expect(await read(inPieces(bytes, places))).toEqual(given);
      }),
    );
  });

  it('drops what is not finished', async () => {
    expect(await read(inPieces(Buffer.from('whole\nhalf'), [2, 7]))).toEqual(['whole']);
  });

  it('takes a line of the limit and none that is longer, wherever the bytes were cut', async () => {
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const longest = 'x'.repeat(LIMIT);
        expect(await read(inPieces(Buffer.from(`a\n${longest}\nb\n`), places))).toEqual(['a', longest, 'b']);
        const bytes = Buffer.from(`a\n${longest}x\nb\n`);
        const error = await thrownBy('LIMIT_EXCEEDED', () => read(inPieces(bytes, places)));
        expect(error.data.limit).toBe(LIMIT);
      }),
      { numRuns: 30 },
    );
  });

  it('does not wait for the end of a line that is too long already', async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.from('xxxxxxxx');
    }
    await thrownBy('LIMIT_EXCEEDED', () => read(endless()));
  });
});
