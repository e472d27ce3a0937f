import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from '../../../../../src/fetcher/ranges.ts';
import {
  type ServeEffect,
  type ServeInput,
  serveStep,
  startServing,
} from '../../../../../src/fetcher/transfer/serve/serve-machine.ts';
import { type Statement, TRANSFER_VERSION } from '../../../../../src/fetcher/transfer/transfer-frame.ts';
import { CHUNK_BYTES_MIN, SILENCE_MS } from '../../../../../src/limits.ts';
import { announcedFile, inChunks, someBytes } from '../../../../support/fetcher/announced-file.ts';
import { transferInputs } from '../../../../support/fetcher/transfer-inputs.ts';

const file = announcedFile(someBytes(100));
const said = (statement: Statement, at = 0): ServeInput => ({ kind: 'said', statement, at });
const go = (...ranges: Range[]) => said({ say: 'go', ranges: ranges.map(([start, end]) => [start, end]) });
const sentAll: ServeInput = { kind: 'sent-all', at: 0 };
const sent = (position: number, at = 0): ServeInput => ({ kind: 'sent', position, at });
const done = said({ say: 'done', outcome: 'verified' });

function effectsOf(inputs: readonly ServeInput[], served = file): readonly ServeEffect[] {
  let { state, effects } = startServing(served, 0);
  for (const input of inputs) {
    const stepped = serveStep(state, input);
    state = stepped.state;
    effects = [...effects, ...stepped.effects];
  }
  return effects;
}
const ending = (inputs: readonly ServeInput[]) => effectsOf(inputs).find((effect) => effect.kind === 'ended');

describe('a source', () => {
  it('states what it proposes before anything else', () => {
    const { conversation, interaction, fileId, totalSize, digest: sha3sum } = file;
    const proposal = { say: 'propose', v: TRANSFER_VERSION, conversation, interaction, fileId, totalSize, sha3sum };
    expect(effectsOf([])).toEqual([{ kind: 'say', statement: { ...proposal, chunks: false } }]);
    const chunked = inChunks(file, someBytes(totalSize), CHUNK_BYTES_MIN);
    expect(startServing(chunked, 0).effects).toEqual([{ kind: 'say', statement: proposal }]);
  });

  it('sends the ranges it was asked for, then says that it is the end', () => {
    expect(effectsOf([go([10, 20], [20, 100]), sent(100), sentAll]).slice(1)).toEqual([
      { kind: 'started', start: 10 },
      {
        kind: 'send',
        hashes: false,
        ranges: [
          [10, 20],
          [20, 100],
        ],
      },
      { kind: 'moved', position: 100 },
      { kind: 'say', statement: { say: 'end' } },
    ]);
    expect(effectsOf([go()])).toContainEqual({ kind: 'send', hashes: false, ranges: [] });
  });

  it('is complete when the receiver has verified the file, not before', () => {
    expect(ending([go([0, 100]), sent(100), sentAll])).toBeUndefined();
    expect(ending([go([0, 100]), sent(100), sentAll, done])).toEqual({
      kind: 'ended',
      outcome: 'complete',
      bytes: 100,
    });
    expect(ending([go([0, 100]), sent(50), done])?.outcome, 'half way').toBe('protocol-broken');
  });

  it.each([
    ['beyond the end', [[0, 101]]],
    ['empty', [[5, 5]]],
    ['backwards', [[9, 3]]],
    [
      'overlapping',
      [
        [0, 10],
        [9, 20],
      ],
    ],
    [
      'out of order',
      [
        [50, 60],
        [0, 10],
      ],
    ],
  ] as [string, Range[]][])('does not serve ranges that are %s', (_, ranges) => {
    const effects = effectsOf([go(...ranges)]);
    expect(effects.map(({ kind }) => kind)).not.toContain('send');
    expect(effects.at(-1)).toMatchObject({ kind: 'ended', outcome: 'protocol-broken' });
  });

  it.each(['wrong-digest', 'wrong-size', 'disk-full'] as const)("takes the receiver's word for %s", (outcome) => {
    expect(ending([go([0, 100]), sent(40), said({ say: 'done', outcome })])).toEqual({
      kind: 'ended',
      outcome,
      bytes: 40,
    });
  });

  it('takes a refusal and a cancel', () => {
    expect(ending([said({ say: 'refuse', reason: 'not-wanted' })])?.outcome).toBe('refused');
    expect(ending([go([0, 9]), said({ say: 'cancel', reason: 'cancelled' })])?.outcome).toBe('cancelled');
    expect(ending([go([0, 9]), said({ say: 'cancel', reason: 'paused' })])?.outcome).toBe('paused-there');
    expect(ending([go([0, 9]), said({ say: 'cancel', reason: 'silent' })])?.outcome).toBe('interrupted');
  });

  it('gives a receiver up that says nothing while nothing moves', () => {
    const tick = (at: number): ServeInput => ({ kind: 'tick', at, isListening: true });
    expect(ending([tick(SILENCE_MS + 1)])?.outcome).toBe('silent');
    expect(ending([go([0, 100]), sent(1, SILENCE_MS), tick(SILENCE_MS + 1)])).toBeUndefined();
    const alive = said({ say: 'progress', bytes: 5 }, SILENCE_MS);
    expect(ending([go([0, 100]), sentAll, alive, tick(SILENCE_MS * 2)])).toBeUndefined();
  });

  it('of a file in chunks comes as far as the receiver was, and what was sent since', () => {
    const chunked = inChunks(announcedFile(someBytes(100)), someBytes(100), CHUNK_BYTES_MIN);
    const welcome = said({ say: 'go', ranges: [], held: 30 });
    const more = said({ say: 'go', ranges: [[30, 100]], held: 45 });
    const alive = said({ say: 'progress', bytes: 1000 });
    const told = effectsOf([welcome, sent(20), more, alive, sent(90)], chunked);
    expect(told.filter(({ kind }) => kind !== 'say' && kind !== 'send')).toEqual([
      { kind: 'started', start: 30 },
      { kind: 'moved', position: 50 },
      { kind: 'told', held: 45 },
      { kind: 'told', held: 100 },
      { kind: 'moved', position: 100 },
    ]);
    expect(effectsOf([go([0, 100]), sent(5), alive]).map(({ kind }) => kind)).not.toContain('told');
  });

  it('says why it stops', () => {
    const lastWords = (input: ServeInput) => effectsOf([go([0, 100]), input]).at(-2);
    expect(lastWords({ kind: 'stopped', reason: 'cancelled' })).toEqual({
      kind: 'say',
      statement: { say: 'cancel', reason: 'cancelled' },
    });
    expect(lastWords({ kind: 'stopped', reason: 'paused' })).toEqual({
      kind: 'say',
      statement: { say: 'cancel', reason: 'paused' },
    });
    expect(ending([go([0, 100]), { kind: 'stopped', reason: 'paused' }])?.outcome).toBe('paused-here');
    expect(lastWords({ kind: 'source-failed' })).toEqual({
      kind: 'say',
      statement: { say: 'cancel', reason: 'interrupted' },
    });
  });

  it('never throws, sends without a GO, sends twice or goes on after its end, whatever comes', () => {
    const own = fc.constantFrom<ServeInput>(go([0, 100]), go([5, 9], [9, 100]), sentAll, sent(7), done, {
      kind: 'source-failed',
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(own, transferInputs)), (inputs) => {
        const order = effectsOf(inputs).map(({ kind }) => kind);
        expect(order.filter((kind) => kind === 'send').length).toBeLessThanOrEqual(1);
        if (order.includes('send'))
          expect(inputs.some((input) => input.kind === 'said' && input.statement.say === 'go')).toBe(true);
        if (order.includes('ended')) expect(order.indexOf('ended')).toBe(order.length - 1);
      }),
      { numRuns: 1000 },
    );
  });
});
