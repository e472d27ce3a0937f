import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ReceiveEffect,
  type ReceiveInput,
  type ReceiveState,
  receiveStep,
  startReceiving,
} from '../../../../../src/fetcher/transfer/receive/receive-machine.ts';
import type { StopReason } from '../../../../../src/fetcher/transfer/stop-signals.ts';
import { type Statement, TRANSFER_VERSION } from '../../../../../src/fetcher/transfer/transfer-frame.ts';
import { SILENCE_MS, SLOW_SOURCE_BYTES, SLOW_SOURCE_MS, TRANSFER_CHECKPOINT_BYTES } from '../../../../../src/limits.ts';
import { announcedFile, sha3Of, someBytes } from '../../../../support/fetcher/announced-file.ts';
import { transferInputs } from '../../../../support/fetcher/transfer-inputs.ts';

const file = announcedFile(someBytes(100));
const { conversation, interaction, fileId, totalSize, digest } = file;
const proposal = {
  say: 'propose' as const,
  v: TRANSFER_VERSION,
  conversation,
  interaction,
  fileId,
  totalSize,
  sha3sum: digest,
};
const wrongDigest = sha3Of(someBytes(1));

const said = (statement: Statement, at = 0): ReceiveInput => ({ kind: 'said', statement, at });
const bytes = (length: number, at = 0): ReceiveInput => ({ kind: 'bytes', bytes: new Uint8Array(length), at });
const proposed = said(proposal);
const end = said({ say: 'end' });
const digested: ReceiveInput = { kind: 'digested', digest };

/** The state and all effects after the inputs. */
function fed(inputs: readonly ReceiveInput[], start = 0): { state: ReceiveState; effects: readonly ReceiveEffect[] } {
  let state = startReceiving(file, start, 0);
  const effects: ReceiveEffect[] = [];
  for (const input of inputs) {
    const stepped = receiveStep(state, input);
    state = stepped.state;
    effects.push(...stepped.effects);
  }
  return { state, effects };
}

const ending = (inputs: readonly ReceiveInput[], start = 0) =>
  fed(inputs, start).effects.find((effect) => effect.kind === 'ended');
const kinds = (inputs: readonly ReceiveInput[], start = 0) => fed(inputs, start).effects.map(({ kind }) => kind);

describe('a receiver', () => {
  it('answers a proposal with GO for what it lacks', () => {
    expect(fed([proposed]).effects).toEqual([
      { kind: 'started', start: 0 },
      { kind: 'say', statement: { say: 'go', ranges: [[0, 100]] } },
    ]);
    expect(fed([proposed], 40).effects).toContainEqual({
      kind: 'say',
      statement: { say: 'go', ranges: [[40, 100]] },
    });
    expect(fed([proposed], 100).effects).toContainEqual({ kind: 'say', statement: { say: 'go', ranges: [] } });
  });

  it('promotes the file when all bytes are here and have the digest, and says so afterwards', () => {
    const all = [proposed, bytes(60), bytes(40), end, digested];
    expect(kinds(all)).toEqual(['started', 'say', 'append', 'append', 'digest', 'promote']);
    expect(fed([...all, { kind: 'promoted' }]).effects.slice(-2)).toEqual([
      { kind: 'say', statement: { say: 'done', outcome: 'verified' } },
      { kind: 'ended', outcome: 'complete', bytes: 100, partial: 'keep' },
    ]);
  });

  it('throws the bytes away when the digest is another', () => {
    const ended = ending([proposed, bytes(100), end, { kind: 'digested', digest: wrongDigest }]);
    expect(ended).toEqual({ kind: 'ended', outcome: 'wrong-digest', bytes: 100, partial: 'discard' });
  });

  it('blames nobody for a wrong digest after a resume: it wants to start over', () => {
    const { effects } = fed([proposed, bytes(60), end, { kind: 'digested', digest: wrongDigest }], 40);
    expect(effects.slice(-2)).toEqual([
      { kind: 'say', statement: { say: 'cancel', reason: 'interrupted' } },
      { kind: 'ended', outcome: 'interrupted', bytes: 0, partial: 'start-over' },
    ]);
  });

  it('ends at the first byte too many, before anything of it is written', () => {
    expect(kinds([proposed, bytes(99), bytes(2)])).toEqual(['started', 'say', 'append', 'say', 'ended']);
    const cutBack = { kind: 'ended', outcome: 'wrong-size', bytes: 99, partial: 'cut-back' };
    expect(ending([proposed, bytes(99), bytes(2)])).toEqual(cutBack);
    expect(ending([proposed, bytes(100), end, bytes(1), digested])?.outcome, 'also after the end').toBe('wrong-size');
  });

  it('does not take an end before the last byte', () => {
    expect(ending([proposed, bytes(99), end])).toMatchObject({ outcome: 'wrong-size', partial: 'cut-back' });
  });

  it.each([
    ['another file', { ...proposal, fileId: announcedFile(new Uint8Array(0), 8).fileId }],
    ['another size', { ...proposal, totalSize: 101 }],
    ['another digest', { ...proposal, sha3sum: wrongDigest }],
    [
      'another conversation',
      { ...proposal, conversation: announcedFile(new Uint8Array(0)).conversation.replace('c', 'd') },
    ],
  ])('refuses a proposal of %s', (_, other) => {
    const { effects } = fed([said(other as Statement)]);
    expect(effects[0]).toEqual({ kind: 'say', statement: { say: 'refuse', reason: 'wrong-proposal' } });
    expect(effects[1]).toMatchObject({ kind: 'ended', outcome: 'protocol-broken' });
  });

  it('refuses a version it does not know', () => {
    expect(fed([said({ ...proposal, v: TRANSFER_VERSION + 1 })]).effects).toEqual([
      { kind: 'say', statement: { say: 'refuse', reason: 'unknown-version' } },
      { kind: 'ended', outcome: 'refused', bytes: 0, partial: 'keep' },
    ]);
  });

  it.each([
    ['bytes before the proposal', [bytes(1)]],
    ['an end before the proposal', [end]],
    ['a second proposal', [proposed, proposed]],
    ["the receiver's words", [proposed, said({ say: 'done', outcome: 'verified' })]],
    ['something malformed', [proposed, bytes(1), { kind: 'malformed' } as const]],
  ])('ends with a source that breaks the protocol: %s', (_, inputs) => {
    expect(ending(inputs)).toMatchObject({ outcome: 'protocol-broken', partial: 'cut-back' });
  });

  it('keeps what is here when the source goes away, or cancels, before the last byte', () => {
    expect(ending([proposed, bytes(60), { kind: 'closed' }])).toMatchObject({
      outcome: 'interrupted',
      partial: 'keep',
    });
    const cancel = said({ say: 'cancel', reason: 'cancelled' });
    expect(ending([proposed, bytes(60), cancel])).toMatchObject({ outcome: 'cancelled', partial: 'keep' });
    const pause = said({ say: 'cancel', reason: 'paused' });
    expect(ending([proposed, bytes(60), pause])).toMatchObject({ outcome: 'paused-there', partial: 'keep' });
  });

  it('needs no source any more when all bytes are here', () => {
    const inputs = [proposed, bytes(100), end, { kind: 'closed' } as const, digested, { kind: 'promoted' } as const];
    expect(ending(inputs)?.outcome).toBe('complete');
  });

  it('throws the bytes away when our user cancels, and keeps them when our user pauses or our engine ends', () => {
    const stopped = (reason: StopReason) => ending([proposed, bytes(9), { kind: 'stopped', reason }]);
    expect(stopped('cancelled')).toMatchObject({ outcome: 'cancelled', partial: 'discard' });
    expect(stopped('paused')).toMatchObject({ outcome: 'paused-here', partial: 'keep' });
    expect(stopped('interrupted')).toMatchObject({ outcome: 'interrupted', partial: 'keep' });
  });

  it('keeps what fitted when the disk is full', () => {
    const failed = ending([proposed, bytes(9), { kind: 'store-failed', isDiskFull: true }]);
    expect(failed).toMatchObject({ outcome: 'disk-full', partial: 'keep' });
  });

  it('gives a silent source up, but does not count the time it did not listen itself', () => {
    const late = SILENCE_MS + 1;
    const tick = (at: number, isListening = true): ReceiveInput => ({ kind: 'tick', at, isListening });
    expect(ending([proposed, tick(SILENCE_MS)])).toBeUndefined();
    expect(ending([proposed, tick(late)])?.outcome).toBe('silent');
    expect(ending([proposed, tick(late, false), tick(late + SILENCE_MS)])).toBeUndefined();
    expect(ending([tick(late)])?.outcome, 'even before the proposal').toBe('silent');
  });

  it('gives up a source that sends next to nothing, but does not count the time it did not listen itself', () => {
    const tick = (at: number, isListening = true): ReceiveInput => ({ kind: 'tick', at, isListening });
    const large = { ...file, totalSize: 10 * SLOW_SOURCE_BYTES };
    /** A byte, or so many, every ten seconds. */
    const outcomeAt = (piece: number, isListening = true) => {
      let state = receiveStep(startReceiving(large, 0, 0), said({ ...proposal, totalSize: large.totalSize })).state;
      for (let at = 10_000; at <= 2 * SLOW_SOURCE_MS && state.phase !== 'ended'; at += 10_000)
        for (const input of [bytes(piece, at), tick(at, isListening)]) state = receiveStep(state, input).state;
      return state.phase === 'ended' ? state.outcome : undefined;
    };
    expect(outcomeAt(1)).toBe('too-slow');
    expect(outcomeAt(1, false)).toBeUndefined();
    expect(outcomeAt(SLOW_SOURCE_BYTES / 6 + 1)).toBeUndefined();
  });

  it('tells the source now and then that it is alive, however long its own work takes', () => {
    const { effects } = fed([proposed, bytes(100), end, { kind: 'tick', at: SILENCE_MS / 2, isListening: true }]);
    expect(effects.at(-1)).toEqual({ kind: 'say', statement: { say: 'progress', bytes: 100 } });
  });

  it('asks for a checkpoint each time enough bytes have come', () => {
    const large = { ...file, totalSize: TRANSFER_CHECKPOINT_BYTES * 3 };
    let state = startReceiving(large, 5, 0);
    const checkpoints: number[] = [];
    const step = TRANSFER_CHECKPOINT_BYTES / 4 + 1;
    for (const input of [said({ ...proposal, totalSize: large.totalSize }), ...Array(9).fill(bytes(step))]) {
      const stepped = receiveStep(state, input);
      state = stepped.state;
      for (const effect of stepped.effects) if (effect.kind === 'checkpoint') checkpoints.push(effect.bytes);
    }
    expect(checkpoints).toEqual([5 + 4 * step, 5 + 8 * step]);
  });

  it('never throws, writes too much, promotes unverified bytes or goes on after its end, whatever comes', () => {
    const own = fc.constantFrom<ReceiveInput>(
      ...[proposed, end, digested, { kind: 'digested', digest: wrongDigest } as const, { kind: 'promoted' } as const],
      ...[{ kind: 'store-failed', isDiskFull: true } as const, bytes(50), bytes(49)],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(own, transferInputs)), fc.nat({ max: 100 }), (inputs, start) => {
        const { effects } = fed(inputs, start);
        const written = effects.reduce(
          (sum, effect) => sum + (effect.kind === 'append' ? effect.bytes.length : 0),
          start,
        );
        expect(written).toBeLessThanOrEqual(totalSize);
        const order = effects.map(({ kind }) => kind);
        if (order.includes('promote')) {
          expect(written).toBe(totalSize);
          expect(order.indexOf('digest')).toBeGreaterThanOrEqual(0);
          expect(inputs).toContainEqual(digested);
        }
        if (order.includes('ended')) expect(order.indexOf('ended')).toBe(order.length - 1);
      }),
      { numRuns: 1000 },
    );
  });
});
