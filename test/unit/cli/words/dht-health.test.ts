import { expect, it } from 'vitest';
import { createOutput } from '../../../../src/cli/terminal/output.ts';
import { sayDhtHealth } from '../../../../src/cli/words/dht-health.ts';
import { rememberingStream } from '../../../support/cli/run-here.ts';

function said(json: boolean) {
  const [stdout, stderr] = [rememberingStream(), rememberingStream()];
  sayDhtHealth(createOutput({ json, stdout, stderr, env: {} }), { ownNodes: 5, otherNodes: 2 });
  return { stdout: stdout.text(), stderr: stderr.text() };
}

it('leaves nothing but the address on stdout, for people', () => {
  expect(said(false)).toEqual({ stdout: '', stderr: '5 nodes here, 2 of others known\n' });
});

it('is a value for programs', () => {
  expect(said(true)).toEqual({ stdout: '{"health":{"ownNodes":5,"otherNodes":2}}\n', stderr: '' });
});
