import { describe, expect, it } from 'vitest';
import { parseCapabilities } from '../../../../src/conversation/sync/capabilities.ts';
import { type NegotiationInput, negotiate, startNegotiation } from '../../../../src/conversation/sync/negotiation.ts';
import { CommitId } from '../../../../src/ids.ts';

const [X, A, B] = ['1', 'a', 'b'].map((digit) => CommitId.parse(digit.repeat(40))) as [CommitId, CommitId, CommitId];
const unknown: NegotiationInput = { kind: 'have', id: X, isHere: false };
const have = (id: CommitId): NegotiationInput => ({ kind: 'have', id, isHere: true });
const flush: NegotiationInput = { kind: 'flush' };
const done: NegotiationInput = { kind: 'done' };

/** What is answered to each input, in turn. */
function answers(capabilities: string, ...inputs: readonly NegotiationInput[]): (readonly string[])[] {
  let negotiation = startNegotiation(parseCapabilities(capabilities));
  return inputs.map((input) => {
    const step = negotiate(negotiation, input);
    negotiation = step.negotiation;
    return step.replies;
  });
}

// The expected answers are those of a stock git-upload-pack (upload-pack.c, get_common_commits).
describe('without multi_ack', () => {
  it('acknowledges the first common commit, once', () => {
    expect(answers('', unknown, flush, unknown, have(A), have(B), flush, done)).toEqual([
      [],
      ['NAK'],
      [],
      [`ACK ${A}`],
      [],
      [],
      [],
    ]);
  });

  it('says NAK at the end when nothing is common', () => {
    expect(answers('', unknown, flush, done)).toEqual([[], ['NAK'], ['NAK']]);
    expect(answers('', done)).toEqual([['NAK']]);
  });
});

describe('with multi_ack', () => {
  it('acknowledges each common commit, then tells to stop, then repeats the last', () => {
    expect(answers('multi_ack', have(A), unknown, have(B), flush, done)).toEqual([
      [`ACK ${A} continue`],
      [`ACK ${X} continue`],
      [`ACK ${B} continue`],
      ['NAK'],
      [`ACK ${B}`],
    ]);
  });
});

describe('with multi_ack_detailed', () => {
  it('says what is common and that it is enough', () => {
    expect(answers('multi_ack multi_ack_detailed', unknown, flush, have(A), unknown, flush, done)).toEqual([
      [],
      ['NAK'],
      [`ACK ${A} common`],
      [`ACK ${X} ready`],
      [`ACK ${A} ready`, 'NAK'],
      [`ACK ${A}`],
    ]);
  });
});
