import { describe, expect, it } from 'vitest';
import { EXIT, exitCodeOf } from '../../../../src/cli/exit-code.ts';
import { createOutput } from '../../../../src/cli/terminal/output.ts';
import { SyncError } from '../../../../src/errors.ts';
import { rememberingStream } from '../../../support/cli/run-here.ts';

interface Given {
  readonly json?: boolean;
  readonly isTTY?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

function setUp({ json = false, isTTY = false, env = {} }: Given = {}) {
  const [stdout, stderr] = [rememberingStream(isTTY), rememberingStream(isTTY)];
  return { stdout, stderr, output: createOutput({ json, stdout, stderr, env }) };
}

describe('output', () => {
  it('is lines for people, remarks beside them', () => {
    const { output, stdout, stderr } = setUp();
    output.value({ n: 1 });
    output.line('one');
    output.line();
    output.remark('by the way');
    output.failure('no');
    expect(stdout.text()).toBe('one\n\n');
    expect(stderr.text()).toBe('by the way\nswarmlog: no\n');
  });

  it('is values for machines, and nothing else on stdout', () => {
    const { output, stdout, stderr } = setUp({ json: true });
    output.value({ text: 'two\nlines' });
    output.value(null);
    output.line('one');
    output.remark('by the way');
    expect(stdout.text()).toBe('{"text":"two\\nlines"}\nnull\n');
    expect(stderr.text()).toBe('by the way\n');
  });

  it.each<[string, Given, boolean]>([
    ['a pipe', {}, false],
    ['a terminal', { isTTY: true }, true],
    ['a terminal with NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, false],
    ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, false],
    ['a pipe with FORCE_COLOR', { env: { FORCE_COLOR: '1' } }, true],
    ['a terminal with FORCE_COLOR=0', { isTTY: true, env: { FORCE_COLOR: '0' } }, false],
    ['a terminal with both', { isTTY: true, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true],
    ['a terminal with an empty NO_COLOR', { isTTY: true, env: { NO_COLOR: '' } }, true],
  ])('on %s has colours: %3$s', (_, given, hasColours) => {
    expect(setUp(given).output.colours.red('x') !== 'x').toBe(hasColours);
  });

  it('draws bars only where both streams lead to a terminal that can', () => {
    expect(setUp({ isTTY: true }).output.isTerminal).toBe(true);
    expect(setUp({ isTTY: true, env: { TERM: 'dumb' } }).output.isTerminal).toBe(false);
    const [stdout, stderr] = [rememberingStream(true), rememberingStream(false)];
    expect(createOutput({ json: false, stdout, stderr, env: {} }).isTerminal).toBe(false);
  });
});

describe('exit codes', () => {
  it.each([
    [new SyncError('CONVERSATION_UNKNOWN', { conversation: 'c' }), EXIT.no],
    [new SyncError('NOT_INVITED', { conversation: 'c' }), EXIT.no],
    [new SyncError('REFUSED', { reason: 'r', detail: 'd' }), EXIT.no],
    [new SyncError('DISK_FULL', { path: 'p' }), EXIT.no],
    [new SyncError('USAGE', { detail: 'd' }), EXIT.unusable],
    [new SyncError('SOURCE_MISSING', { path: 'p' }), EXIT.unusable],
    [new SyncError('ENGINE_NOT_RUNNING', { path: 'p' }), EXIT.unusable],
    [new TypeError('a defect'), EXIT.unusable],
    ['thrown text', EXIT.unusable],
  ])('%s is %d', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});
