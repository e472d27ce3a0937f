import { describe, expect, it } from 'vitest';
import { createStory } from '../../../../src/net/signalling/story.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';
import { quietLog } from '../../../support/quiet-log.ts';

describe('the story of a failed dial', () => {
  it('says what was tried, where to, and what stood in the way', () => {
    const told: unknown[] = [];
    const peer = somePeer('b');
    const tell = createStory('dial', { peer, log: { ...quietLog, debug: (...line) => void told.push(line) } });
    const credentials = { ufrag: 'abcd', pwd: 'x'.repeat(22), fingerprint: undefined };
    const candidate = { transport: 'tcp', type: 'host', address: '::1', port: 7, priority: 1 } as const;
    tell({ kind: 'describe', path: 'tcp' });
    tell({ kind: 'connect', path: 'tcp', remote: { ...credentials, candidates: [candidate] } });
    tell({ kind: 'own-tries-failed', path: 'tcp', reason: 'connect ECONNREFUSED' });
    tell({ kind: 'received', signal: { kind: 'no-path', id: 1, connType: 'tcp', reason: 'no way back' } });
    tell({ kind: 'wake-after', timer: 'tcp', ms: 1 });
    tell({ kind: 'finish', outcome: { kind: 'unreachable', tried: 'tcp: nothing' } });
    const { device } = peer;
    expect(told).toEqual([
      ['dial: tcp begins', { device }],
      ['dial: tcp connects', { device, to: ['tcp host [::1]:7'] }],
      ['dial: tcp did not get through from here', { device, reason: 'connect ECONNREFUSED' }],
      ['dial: heard no-path', { device, path: 'tcp', reason: 'no way back' }],
      ['dial: over', { device, kind: 'unreachable', tried: 'tcp: nothing' }],
    ]);
  });

  it('keeps the passwords of paths to itself', () => {
    const told: unknown[] = [];
    const tell = createStory('answer', {
      peer: somePeer('b'),
      log: { ...quietLog, debug: (...line) => void told.push(line) },
    });
    const description = { ufrag: 'abcd', pwd: 'secretsecretsecretsecret', candidates: [], fingerprint: undefined };
    tell({ kind: 'send', signal: { kind: 'answer', id: 1, connType: 'tcp', description } });
    expect([told.length, JSON.stringify(told).includes('secret')]).toEqual([1, false]);
  });
});
