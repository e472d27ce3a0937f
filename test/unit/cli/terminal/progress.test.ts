import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { createOutput } from '../../../../src/cli/terminal/output.ts';
import { createProgressBars, type ProgressBars } from '../../../../src/cli/terminal/progress.ts';
import { progressLine } from '../../../../src/cli/terminal/progress-line.ts';
import { readingAsTransfers } from '../../../../src/cli/words/reading-event.ts';
import type { TransferEvent } from '../../../../src/cli/words/transfer-event.ts';
import { percentOf, transferFigures } from '../../../../src/cli/words/transfer-figures.ts';
import { rememberingStream } from '../../../support/cli/run-here.ts';

const MIB = 2 ** 20;
const share = (peer: string, phase = 'running') => ({ peer: peer.repeat(64), phase, start: 0, bytes: 0 });

function transfer(given: Partial<TransferEvent> = {}): TransferEvent {
  return {
    ...{ interaction: 'a'.repeat(40), displayName: 'film.mkv', totalSize: 100 * MIB, phase: 'running' },
    ...{ bytes: 0, subTransfers: [share('b')] },
    ...given,
  };
}

function lab({ isTTY = false, json = false } = {}) {
  const [stdout, stderr] = [rememberingStream(isTTY), rememberingStream(isTTY)];
  const bars = createProgressBars(createOutput({ json, stdout, stderr, env: { NO_COLOR: '1' } }), stderr);
  return { bars, stdout, stderr };
}

describe('the figures of a transfer', () => {
  it('say how much, how fast, how long and from whom', () => {
    const running = transfer({ bytes: 25 * MIB, bytesPerSecond: 2.5 * MIB, etaMs: 30_000 });
    expect(transferFigures(running)).toEqual({
      percent: '25%',
      done: '25 MiB of 100 MiB',
      rate: '2.5 MiB/s',
      left: '30 s left',
      from: 'from bbbbbbbb',
    });
    const shared = transfer({ subTransfers: [share('b'), share('c'), share('d', 'failed')] });
    expect(transferFigures(shared).from).toBe('2 sources');
    expect(transferFigures({ ...running, phase: 'verifying' })).toMatchObject({ rate: '', left: 'verifying' });
    const over = transfer({ bytes: 100 * MIB, phase: 'complete', subTransfers: [share('b', 'complete')] });
    expect(transferFigures(over)).toEqual({
      ...{ percent: '100%', done: '100 MiB of 100 MiB', rate: '', left: '', from: '' },
    });
  });

  it('are a hundred per cent for what is complete, and for nothing else', () => {
    const phase = fc.constantFrom('running', 'waiting', 'failed', 'complete');
    fc.assert(
      fc.property(fc.nat({ max: 1e12 }), fc.nat({ max: 1e12 }), phase, (one, other, of) => {
        const [bytes, totalSize] = [Math.min(one, other), Math.max(one, other)];
        const percent = percentOf(transfer({ bytes, totalSize, phase: of }));
        expect(percent === 100).toBe(of === 'complete');
        expect(percent).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('progress in a pipe', () => {
  it('is a line for each tenth of a file that takes a while', () => {
    const { bars, stdout, stderr } = lab();
    for (let bytes = 0; bytes <= 100 * MIB; bytes += MIB) {
      bars.show(transfer({ bytes, bytesPerSecond: MIB, etaMs: 1000 * (100 - bytes / MIB) }));
    }
    bars.ended('a'.repeat(40), 'complete');
    expect(stderr.text().trim().split('\n')).toHaveLength(9);
    expect(stderr.text()).toContain('film.mkv  50%  50 MiB of 100 MiB  1 MiB/s  50 s left  from bbbbbbbb\n');
    expect(stdout.text()).toBe('complete\n');
  });

  it('is nothing for a file that is here at once, nor beside values for machines', () => {
    for (const json of [false, true]) {
      const { bars, stderr } = lab({ json });
      bars.show(transfer({ bytes: 50 * MIB, etaMs: json ? 60_000 : 100 }));
      bars.stop();
      expect(stderr.text()).toBe('');
    }
  });
});

describe('a line of progress', () => {
  const colours = createOutput({
    json: false,
    stdout: rememberingStream(),
    stderr: rememberingStream(),
    env: {},
  }).colours;
  const running = transfer({ bytes: 50 * MIB, bytesPerSecond: 2.5 * MIB, etaMs: 19_100 });

  it('says as much as there is room for, and what matters most in any case', () => {
    const lineAt = (columns?: number) => progressLine(running, { columns, colours });
    const least = 'film.mkv             ■■■■■·····  50%';
    expect(lineAt(10)).toBe(least);
    expect(lineAt(60)).toBe(`${least}  50 MiB of 100 MiB`.replace('  50 MiB', '   50 MiB'));
    expect(lineAt()).toBe(`${lineAt(60)}   2.5 MiB/s  20 s left`);
    expect(lineAt(120)).toBe(`${lineAt()}  from bbbbbbbb`);
  });

  it('is never wider than the terminal, if that has room for name, bar and percentage', () => {
    fc.assert(
      fc.property(fc.integer({ min: 36, max: 200 }), fc.string({ unit: 'grapheme' }), (columns, displayName) => {
        const line = progressLine({ ...running, displayName }, { columns, colours });
        expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('progress on a terminal', () => {
  it('is one bar for a file, whoever sends it, with its name made harmless', () => {
    const { bars, stderr } = lab({ isTTY: true });
    const evil = { displayName: 'a\u001b[2Jb.png', totalSize: 4 * MIB };
    bars.show(transfer({ ...evil, bytes: MIB, bytesPerSecond: MIB, etaMs: 3000 }));
    bars.show(transfer({ ...evil, bytes: 2 * MIB, bytesPerSecond: MIB, etaMs: 2000 }));
    bars.stop();
    const drawn = stderr.text();
    expect(drawn).not.toContain('\u001b[2J');
    expect(drawn).toMatch(/b\.png .* {2}50% +2 MiB of 4 MiB .*2 s left/);
    expect(drawn.split('b.png').length).toBeGreaterThan(1);
  });

  it.each([
    { how: 'an outcome', end: (bars: ProgressBars) => bars.ended('c', 'paused  film.mkv') },
    { how: 'a pause', end: (bars: ProgressBars) => bars.show(transfer({ interaction: 'c', phase: 'paused' })) },
  ])('shows a file no more after $how; the others go on', ({ end }) => {
    const { bars, stderr } = lab({ isTTY: true });
    bars.show(transfer({ interaction: 'c' }));
    bars.show(transfer({ interaction: 'd', displayName: 'song.ogg' }));
    end(bars);
    const before = stderr.text().length;
    bars.show(transfer({ interaction: 'd', displayName: 'song.ogg', bytes: 50 * MIB }));
    bars.stop();
    const drawn = stderr.text().slice(before);
    expect(drawn).toMatch(/song\.ogg .* 50%/);
    expect(drawn).not.toContain('film.mkv');
  });
});

describe('a file that is read before it is sent', () => {
  const half = { bytes: 50 * MIB, totalSize: 100 * MIB };
  const running = { ...half, bytesPerSecond: 10 * MIB };
  const [hashing, copying] = [{ hashing: running }, { copying: running }];

  function shownOf(events: readonly Parameters<typeof readingAsTransfers>[1][], isTTY: boolean): string {
    const { bars, stderr } = lab({ isTTY });
    const before = events.slice(0, -1);
    for (const event of before) for (const shown of readingAsTransfers('film.mkv', event)) bars.show(shown);
    const drawnBefore = stderr.text().length;
    for (const shown of readingAsTransfers('film.mkv', events.at(-1) ?? hashing)) bars.show(shown);
    bars.stop();
    return stderr.text().slice(drawnBefore);
  }

  it('is shown as soon as there is a rate, with what is left', () => {
    expect(shownOf([{ hashing: half }], false)).toBe('');
    expect(shownOf([hashing], false)).toBe('hashing film.mkv  50%  50 MiB of 100 MiB  10 MiB/s  5 s left\n');
    expect(shownOf([copying], true)).toContain('copying film.mkv');
  });

  it('is copied no more once it is hashed', () => {
    const drawn = shownOf([copying, { hashing: half }, hashing], true);
    expect(drawn).toContain('hashing film.mkv');
    expect(drawn).not.toContain('copying film.mkv');
  });
});
