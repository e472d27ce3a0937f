import fc from 'fast-check';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../../../../src/cli/input/parse-bytes.ts';
import { tableLines } from '../../../../src/cli/terminal/table.ts';
import { cleanText, lineText } from '../../../../src/cli/words/clean-text.ts';
import { fitText } from '../../../../src/cli/words/fit-text.ts';
import { humanBytes, humanTime, shortId } from '../../../../src/cli/words/human.ts';
import { textWidth } from '../../../../src/cli/words/text-width.ts';
import { humanSpan } from '../../../../src/human-span.ts';

/** Every character that is not just shown, said without the expression under test. */
const HARMFUL = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at),
  ...[0x061c, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
].map((code) => String.fromCodePoint(code));
const anyText = fc.string({
  unit: fc.oneof({ weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 1 }) }, fc.constantFrom(...HARMFUL)),
});

describe('cleaned text', () => {
  it('holds nothing that could move the cursor or turn the line around', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(HARMFUL.filter((character) => cleanText(text).includes(character))).toEqual([]);
      }),
    );
  });

  it('is what it was where there was nothing harmful, and cleaning twice is cleaning once', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).toBe(clean);
        if (!HARMFUL.some((character) => text.includes(character))) expect(clean).toBe(text);
      }),
    );
  });

  it.each([
    ['two\nlines\r\nand\ta tab', 'two lines and a tab'],
    ['\u001b[2Jgone', '\ufffd[2Jgone'],
    ['photo\u202egnp.exe', 'photo\ufffdgnp.exe'],
    ['héllo 👋🏽 مرحبا', 'héllo 👋🏽 مرحبا'],
  ])('%j shows as %j', (text, shown) => {
    expect(cleanText(text)).toBe(shown);
  });
});

describe('text on a line', () => {
  it('is whole up to four hundred characters, cut and said to be cut beyond', () => {
    expect(lineText('漢'.repeat(400))).toBe('漢'.repeat(400));
    expect(lineText(`${'👋'.repeat(400)}\n`)).toBe(`${'👋'.repeat(400)}… (401 characters)`);
  });
});

describe('the width of a text', () => {
  it('is what the package says, also where it is not asked', () => {
    const coloured = fc.constant(pc.createColors(true).red('lost'));
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string(), coloured), (text) => {
        expect(textWidth(text)).toBe(stringWidth(text));
      }),
    );
  });
});

describe('fitted text', () => {
  it('takes exactly the columns it is given', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '👩‍👩‍👧', 'e\u0301', ' ') });
    fc.assert(
      fc.property(texts, fc.nat({ max: 30 }), (text, columns) => {
        expect(stringWidth(fitText(text, columns))).toBe(columns);
      }),
    );
  });

  it('cuts no character in two', () => {
    expect(fitText('漢字', 3)).toBe('漢…');
    expect(fitText('a👩‍👩‍👧b', 3)).toBe('a… ');
  });
});

describe('a table', () => {
  it('aligns wide and coloured cells', () => {
    const { red } = pc.createColors(true);
    const columns = [{ title: 'STATE' }, { title: 'SIZE', align: 'right' as const }, { title: 'NAME' }];
    const lines = tableLines(columns, [
      [red('lost'), '4 B', '漢字.png'],
      ['漢字漢字', '64 KiB', 'b'],
    ]);
    const namesBegin = lines.map((line) => stringWidth(line.slice(0, line.search(/NAME|漢字\.png|b$/))));
    expect(new Set(namesBegin).size).toBe(1);
    expect(lines[0]).toBe('STATE       SIZE  NAME');
  });

  it('leaves no space at the end of a line, and holds up with no rows', () => {
    expect(tableLines([{ title: 'A' }, { title: 'B' }], [['long cell', '']])).toEqual(['A          B', 'long cell']);
    expect(tableLines([{ title: 'A' }], [])).toEqual(['A']);
  });
});

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [10 * 1024 - 1, '10 KiB'],
    [64 * 1024 ** 2, '64 MiB'],
    [1024 ** 2 - 1, '1.0 MiB'],
    [5 * 1024 ** 5, '5120 TiB'],
  ])('%d bytes are %s', (bytes, said) => {
    expect(humanBytes(bytes)).toBe(said);
  });

  it('of bytes grow with them', () => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    const worth = (said: string) => {
      const [figure = '', unit = ''] = said.split(' ');
      return Number(figure) * 1024 ** units.indexOf(unit);
    };
    const sizes = fc.double({ min: 0, max: 2 ** 50, noNaN: true });
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        expect(worth(humanBytes(Math.min(a, b)))).toBeLessThanOrEqual(worth(humanBytes(Math.max(a, b))));
      }),
    );
  });

  it.each([
    [0, '0 ms'],
    [999.6, '1.0 s'],
    [4_230, '4.2 s'],
    [59_990, '1 min'],
    [180_000, '3 min'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms are %s', (ms, said) => {
    expect(humanSpan(ms)).toBe(said);
  });

  it('of time are in UTC, and a time out of all bounds is no failure', () => {
    expect(humanTime(1_795_000_000)).toBe('2026-11-18 11:06:40');
    expect(humanTime(Number.MAX_SAFE_INTEGER)).toBe(String(Number.MAX_SAFE_INTEGER));
  });

  it('of ids are their first eight digits', () => {
    expect(shortId('0123456789abcdef')).toBe('01234567');
  });
});

describe('bytes as people write them', () => {
  it.each([
    ['0', 0],
    ['1500', 1500],
    ['64K', 65_536],
    ['1.5m', 1_572_864],
    ['2 GiB', 2_147_483_648],
    [' 3kB ', 3072],
    ['1TB', 2 ** 40],
  ])('%j are %d', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each(['', 'K', '-1', '1e9', '5 potatoes', '1,5M', 'Infinity', '0x10'])('%j are none', (text) =>
    expect(parseBytes(text)).toBeUndefined(),
  );

  it('are read as they are shown, to within a tenth of the unit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), (bytes) => {
        expect(Math.abs((parseBytes(humanBytes(bytes)) ?? Number.NaN) - bytes)).toBeLessThanOrEqual(bytes / 10);
      }),
    );
  });
});
