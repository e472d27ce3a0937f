import { describe, it } from 'vitest';
import type { Intent } from '../../../../src/conversation/decisions/decide.ts';
import { admin, device, given, me, other, refused, stranger } from '../../../support/conversation/decided.ts';

describe('calls', () => {
  const call = (more = {}): Intent => ({ kind: 'record-call', to: other, duration: 1000, ...more });
  const both = { ...admin, [`members/${other}.crt`]: '' };

  it('between two are told when they are over', () =>
    given(both, 'one-to-one')
      .when(call({ reason: 'busy' }))
      .gives({ event: { kind: 'call-ended', to: other, duration: 1000, reason: 'busy' }, edits: [] }));
  it('of a group begin and end on the host’s device', () => {
    const hosted = { confId: 'new', device, uri: me };
    given(both)
      .when({ kind: 'start-call', confId: 'new' })
      .gives({ event: { kind: 'group-call-started', ...hosted }, edits: [] });
    given(both)
      .when({ kind: 'end-call', confId: 'running', duration: 5 })
      .gives({ event: { kind: 'group-call-ended', ...hosted, confId: 'running', duration: 5 }, edits: [] });
  });
  it.each([
    ['of a group told as one of two', 'invites-only', call(), 'not-one-to-one'],
    ['with a stranger', 'one-to-one', call({ to: stranger }), 'not-one-of-the-two'],
    ['with oneself', 'one-to-one', call({ to: me }), 'not-one-of-the-two'],
    ['of less than no time', 'one-to-one', call({ duration: -1 }), 'no-duration'],
    ['without a name', 'invites-only', { kind: 'start-call', confId: '' }, 'empty'],
    ['that run already', 'invites-only', { kind: 'start-call', confId: 'running' }, 'call-running'],
    ['that nobody began', 'invites-only', { kind: 'end-call', confId: 'none', duration: 1 }, 'unknown-call'],
  ] as const)('%s are none', (...[, mode, intent, reason]) => {
    given(both, mode).when(intent).gives(refused(reason));
  });
});
