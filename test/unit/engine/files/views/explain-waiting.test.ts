import { OrderedMap } from 'immutable';
import { describe, expect, it } from 'vitest';
import { explainWaiting } from '../../../../../src/engine/files/views/explain-waiting.ts';
import type { RoomFor } from '../../../../../src/engine/files/views/room-for.ts';
import { SUB_TRANSFER_FAILURES } from '../../../../../src/events/journal-record.ts';
import { DECLINE_REASONS } from '../../../../../src/events/peer/file-request.ts';
import { DeviceId } from '../../../../../src/ids.ts';
import type { AskOutcome, Asks } from '../../../../../src/projections/journal/asks.ts';

const NOW = 1_000_000;
const ALICE = DeviceId.parse('a'.repeat(64));
const BOB = DeviceId.parse('b'.repeat(64));

function outcomesOf(...outcomes: readonly (readonly [DeviceId, AskOutcome])[]): Asks {
  return OrderedMap(outcomes.map(([device, outcome]) => [device, { outcome, tries: 1, at: NOW }]));
}

/** What a file that backs off waits for, after these outcomes. */
function saidAfter(...outcomes: readonly (readonly [DeviceId, AskOutcome])[]): string {
  const asks = outcomesOf(...outcomes);
  return explainWaiting({ rule: 'accepted', waitsFor: { step: 'back-off', until: NOW + 4_200 } }, { now: NOW, asks });
}

describe('a file that the policy holds back', () => {
  const heldBack = { rule: 'over-quota', waitsFor: { step: 'await-room' } } as const;
  const saidOf = (room?: RoomFor) => explainWaiting(heldBack, { now: NOW, asks: undefined, room });

  it('says which of your rules holds it back, and what gets it', () => {
    const waiting = { rule: 'own-rule', ownRule: 2, waitsFor: { step: 'await-user' } } as const;
    expect(explainWaiting(waiting, { now: NOW, asks: undefined })).toBe(
      'rule 2 of your policy says ask; "fetch" gets it',
    );
  });

  it('says which quota it does not fit into, and what gets it', () => {
    const after = '; it is fetched once there is room, "fetch" gets it at once';
    expect(saidOf()).toBe(`it does not fit into the quota${after}`);
    expect(saidOf({ quota: 'total' })).toBe(`it does not fit into the quota of all files${after}`);
    expect(saidOf({ quota: 'conversation', eviction: 'under-way' })).toBe(
      `it does not fit into the quota of this conversation, and room is being made${after}`,
    );
  });

  it('says why nothing gives way for it', () => {
    const staying = new Map([
      ['last-copy', 3],
      ['worth-more', 1],
    ] as const);
    expect(saidOf({ quota: 'total', eviction: { staying } })).toContain(
      ', and too little gives way: 3 that no other device is known to keep, 1 sent or asked for by you;',
    );
    expect(saidOf({ quota: 'total', eviction: { staying: new Map() } })).toContain('too little is here to give way');
  });
});

describe('a file that was asked for in vain', () => {
  it('says of each device why it did not come from there, and when the next try is', () => {
    expect(
      saidAfter(
        [ALICE, { kind: 'declined', reason: 'digest-mismatch' }],
        [BOB, { kind: 'failed', failure: 'wrong-digest' }],
      ),
    ).toBe(
      'device aaaaaaaa has a copy that is not what was announced, device bbbbbbbb sent other bytes than were announced; ' +
        'the next try is in 5 s, or when a device links',
    );
  });

  it.each([
    ['withheld', 'does not give it away'],
    ['paused', 'has paused it'],
  ] as const)('says of one that is %s there that its offer ends the wait', (reason, why) => {
    expect(saidAfter([ALICE, { kind: 'declined', reason }])).toBe(
      `device aaaaaaaa ${why}; the next try is in 5 s, or when it is offered again or a device links`,
    );
  });

  it('says whose copy is damaged, whether that device was asked before or after it said that it lacks the file', () => {
    const asks = outcomesOf(
      [ALICE, { kind: 'declined', reason: 'digest-mismatch' }],
      [BOB, { kind: 'declined', reason: 'has-not' }],
    );
    const waiting = { rule: 'accepted', waitsFor: { step: 'unavailable', until: NOW + 60_000 } } as const;
    expect(explainWaiting(waiting, { now: NOW, asks })).toBe(
      'device aaaaaaaa has a copy that is not what was announced; no other device has it; one is asked again in 1 min',
    );
    expect(explainWaiting(waiting, { now: NOW, asks: undefined })).toBe(
      'every device says that it does not have it; one is asked again in 1 min',
    );
  });

  it('blames no device for a full disk', () => {
    const said = saidAfter([ALICE, { kind: 'failed', failure: 'disk-full' }], [BOB, { kind: 'waiting' }]);
    expect(said).toBe('the disk is full here; the next try is in 5 s, or when a device links');
  });

  it('knows words of its own for every outcome', () => {
    const outcomes: AskOutcome[] = [
      ...[...DECLINE_REASONS, 'no-answer' as const, 'not-reachable' as const].map((reason) => {
        return { kind: 'declined', reason } as const;
      }),
      ...SUB_TRANSFER_FAILURES.map((failure) => ({ kind: 'failed', failure }) as const),
    ];
    const said = outcomes.map((outcome) => saidAfter([ALICE, outcome]));
    expect(new Set(said).size).toBe(outcomes.length);
    for (const sentence of said) expect(sentence).not.toContain('undefined');
  });

  it('says so when nothing more is known', () => {
    expect(saidAfter()).toMatch(/^every device was asked in vain/);
  });
});
