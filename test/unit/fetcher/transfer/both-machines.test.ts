import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ReceiveEffect,
  type ReceiveInput,
  type ReceiveState,
  receiveStep,
  startReceiving,
} from '../../../../src/fetcher/transfer/receive/receive-machine.ts';
import {
  type ServeEffect,
  type ServeInput,
  type ServeState,
  serveStep,
  startServing,
} from '../../../../src/fetcher/transfer/serve/serve-machine.ts';
import type { TransferInput } from '../../../../src/fetcher/transfer/transfer-input.ts';
import { SILENCE_MS } from '../../../../src/limits.ts';
import { announcedFile, someBytes } from '../../../support/fetcher/announced-file.ts';

const file = announcedFile(someBytes(100));

/**
 * Both machines, the wires between them and what they began: everything that may happen next waits in a queue, and
 * numbers choose which queue moves. A cut wire delivers nothing any more.
 */
function simulate(choices: readonly number[], { start, cutAfter }: { start: number; cutAfter: number }) {
  let receiver: ReceiveState = startReceiving(file, start, 0);
  const opening = startServing(file, 0);
  let source: ServeState = opening.state;
  const toSource: ServeInput[] = [];
  const toReceiver: ReceiveInput[] = [];
  const sourceWork: ServeInput[] = [];
  const receiverWork: ReceiveInput[] = [];
  let isCut = false;
  const outcomes: { source?: string; receiver?: string } = {};

  function performSource(effects: readonly ServeEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'say') toReceiver.push({ kind: 'said', statement: effect.statement, at: 0 });
      if (effect.kind === 'ended') outcomes.source = effect.outcome;
      if (effect.kind === 'send') {
        for (const [from, to] of effect.ranges) {
          for (let at = from; at < to; at += 30)
            sourceWork.push({ kind: 'sent', position: Math.min(at + 30, to), at: 0 });
        }
        sourceWork.push({ kind: 'sent-all', at: 0 });
      }
    }
  }

  function performReceiver(effects: readonly ReceiveEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'say') toSource.push({ kind: 'said', statement: effect.statement, at: 0 });
      if (effect.kind === 'digest') receiverWork.push({ kind: 'digested', digest: file.digest });
      if (effect.kind === 'promote') receiverWork.push({ kind: 'promoted' });
      if (effect.kind === 'ended') outcomes.receiver = effect.outcome;
    }
  }

  function feedSource(input: ServeInput): void {
    if (input.kind === 'sent' && source.phase === 'sending') {
      const bytes = new Uint8Array(input.position - source.position);
      toReceiver.push({ kind: 'bytes', bytes, at: 0 });
    }
    const stepped = serveStep(source, input);
    source = stepped.state;
    performSource(stepped.effects);
  }

  function feedReceiver(input: ReceiveInput): void {
    const stepped = receiveStep(receiver, input);
    receiver = stepped.state;
    performReceiver(stepped.effects);
  }

  performSource(opening.effects);
  const moves = [
    () => move(toSource, feedSource),
    () => move(toReceiver, feedReceiver),
    () => move(sourceWork, feedSource),
    () => move(receiverWork, feedReceiver),
  ];
  for (const [count, choice] of choices.entries()) {
    if (count === cutAfter) isCut = true;
    if (isCut) toSource.length = toReceiver.length = 0;
    for (let turn = 0; turn < moves.length; turn += 1) if (moves[(choice + turn) % moves.length]?.()) break;
  }
  const late: TransferInput = { kind: 'tick', at: SILENCE_MS + 1, isListening: true };
  for (const input of receiverWork.splice(0)) feedReceiver(input);
  for (const input of receiverWork.splice(0)) feedReceiver(input);
  feedSource(late);
  feedReceiver(late);
  return outcomes;
}

function move<Input>(queue: Input[], feed: (input: Input) => void): boolean {
  const next = queue.shift();
  if (next !== undefined) feed(next);
  return next !== undefined;
}

const choices = fc.array(fc.nat({ max: 3 }), { minLength: 40, maxLength: 60 });

describe('a source and a receiver', () => {
  it('both end complete, whatever overtakes what', () => {
    fc.assert(
      fc.property(choices, fc.nat({ max: 100 }), (order, start) => {
        const outcomes = simulate(order, { start, cutAfter: Number.POSITIVE_INFINITY });
        expect(outcomes).toEqual({ source: 'complete', receiver: 'complete' });
      }),
    );
  });

  it('both end, wherever the wire is cut, and the source never claims what the receiver has not', () => {
    fc.assert(
      fc.property(choices, fc.nat({ max: 40 }), (order, cutAfter) => {
        const outcomes = simulate(order, { start: 0, cutAfter });
        expect(outcomes).toEqual({ source: expect.any(String), receiver: expect.any(String) });
        if (outcomes.source === 'complete') expect(outcomes.receiver).toBe('complete');
      }),
      { numRuns: 500 },
    );
  });
});
