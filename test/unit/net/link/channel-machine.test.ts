import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNEL_WINDOW_BYTES } from '../../../../src/limits.ts';
import {
  acceptedChannel,
  type ChannelEffect,
  type ChannelInput,
  type ChannelState,
  costOf,
  isSpent,
  maySend,
  openingChannel,
  step,
} from '../../../../src/net/link/channel-machine.ts';
import type { ChannelFrame } from '../../../../src/net/link/frame.ts';

const ID = 1;
const WINDOW = CHANNEL_WINDOW_BYTES;
const message = (size: number) => new Uint8Array(size);
const received = (frame: Exclude<ChannelFrame, { kind: 'open' }>): ChannelInput => ({ kind: 'received', frame });

function afterInputs(
  state: ChannelState,
  ...inputs: ChannelInput[]
): { state: ChannelState; effects: ChannelEffect[] } {
  const effects: ChannelEffect[] = [];
  let current = state;
  for (const input of inputs) {
    const next = step(current, input);
    effects.push(...next.effects);
    current = next.state;
  }
  return { state: current, effects };
}

describe('a channel', () => {
  it('opens when the peer accepts, and may send as much as the window holds', () => {
    const { state, effects } = afterInputs(
      openingChannel(ID),
      received({ kind: 'accept', channel: ID, window: WINDOW }),
    );
    expect(effects).toEqual([{ kind: 'opened' }]);
    expect(maySend(state, message(1000))).toBe(true);
    expect(maySend(state, message(WINDOW))).toBe(false);
  });

  it('may send nothing before the peer accepts', () => {
    expect(maySend(openingChannel(ID), message(0))).toBe(false);
  });

  it('gives credit back when messages are read, in portions', () => {
    const sized = message(200_000);
    const reads = Array.from({ length: 6 }, () => ({ kind: 'read', cost: costOf(sized) }) as const);
    const { effects } = afterInputs(acceptedChannel(ID, WINDOW), ...reads);
    expect(effects).toEqual([{ kind: 'send', frame: { kind: 'credit', channel: ID, units: 6 * costOf(sized) } }]);
  });

  it('makes empty messages cost something, so that a flood of them runs out of credit', () => {
    let state = acceptedChannel(ID, WINDOW);
    let arrived = 0;
    for (; state.phase === 'open'; arrived += 1)
      ({ state } = step(state, received({ kind: 'data', channel: ID, bytes: message(0) })));
    expect(arrived).toBeLessThan(WINDOW / 32);
  });

  it('acknowledges the end when the reader has come to it, and is spent when both sides have', () => {
    const { state, effects } = afterInputs(
      acceptedChannel(ID, WINDOW),
      received({ kind: 'end', channel: ID }),
      { kind: 'read-to-end' },
      { kind: 'end' },
      received({ kind: 'end-ack', channel: ID }),
    );
    expect(effects).toEqual([
      { kind: 'deliver-end' },
      { kind: 'send', frame: { kind: 'end-ack', channel: ID } },
      { kind: 'send', frame: { kind: 'end', channel: ID } },
      { kind: 'end-acknowledged' },
    ]);
    expect(isSpent(state)).toBe(true);
    expect(afterInputs(state, { kind: 'close', reason: 'done' }).effects).toEqual([{ kind: 'closed', reason: 'done' }]);
  });

  it('tells the peer when it is closed half-way', () => {
    expect(afterInputs(acceptedChannel(ID, WINDOW), { kind: 'close', reason: 'enough' }).effects).toEqual([
      { kind: 'send', frame: { kind: 'reset', channel: ID, reason: 'enough' } },
      { kind: 'closed', reason: 'enough' },
    ]);
  });

  it('tells nobody when the link is lost', () => {
    expect(afterInputs(acceptedChannel(ID, WINDOW), { kind: 'link-lost', reason: 'gone' }).effects).toEqual([
      { kind: 'closed', reason: 'gone' },
    ]);
  });

  const open = acceptedChannel(ID, WINDOW);
  const ended = afterInputs(open, received({ kind: 'end', channel: ID })).state;
  it.each<[string, ChannelState, Exclude<ChannelFrame, { kind: 'open' }>]>([
    ['data before it accepted', openingChannel(ID), { kind: 'data', channel: ID, bytes: message(1) }],
    ['credit before it accepted', openingChannel(ID), { kind: 'credit', channel: ID, units: 1 }],
    ['an end before it accepted', openingChannel(ID), { kind: 'end', channel: ID }],
    ['a window too small for one message', openingChannel(ID), { kind: 'accept', channel: ID, window: 1000 }],
    ['a second acceptance', open, { kind: 'accept', channel: ID, window: WINDOW }],
    ['a refusal of an open channel', open, { kind: 'decline', channel: ID, reason: '' }],
    ['an acknowledgement of no end', open, { kind: 'end-ack', channel: ID }],
    ['more than it has credit for', open, { kind: 'data', channel: ID, bytes: message(WINDOW) }],
    ['data after its end', ended, { kind: 'data', channel: ID, bytes: message(1) }],
    ['a second end', ended, { kind: 'end', channel: ID }],
  ])('breaks with a peer that sends %s', (_, state, frame) => {
    expect(afterInputs(state, received(frame)).effects).toMatchObject([{ kind: 'broken' }]);
  });
});

const size = fc.integer({ min: 0, max: 100_000 });
const anyInput: fc.Arbitrary<ChannelInput> = fc.oneof(
  fc.constantFrom<ChannelInput>(
    { kind: 'read-to-end' },
    { kind: 'end' },
    { kind: 'close', reason: 'why' },
    { kind: 'link-lost', reason: 'why' },
    received({ kind: 'accept', channel: ID, window: WINDOW }),
    received({ kind: 'decline', channel: ID, reason: '' }),
    received({ kind: 'end', channel: ID }),
    received({ kind: 'end-ack', channel: ID }),
    received({ kind: 'reset', channel: ID, reason: '' }),
  ),
  size.map((bytes) => ({ kind: 'read', cost: bytes }) as const),
  size.map((bytes) => received({ kind: 'data', channel: ID, bytes: message(bytes) })),
  size.map((units) => received({ kind: 'credit', channel: ID, units })),
);

it('never throws, and does nothing once it is closed', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyInput, { maxLength: 40 }), (isOurs, inputs) => {
      let state = isOurs ? openingChannel(ID) : acceptedChannel(ID, WINDOW);
      for (const input of inputs) {
        const next = step(state, input);
        if (state.phase === 'closed') expect(next.effects).toEqual([]);
        state = next.state;
      }
    }),
    { numRuns: 1000 },
  );
});

it('never breaks with a peer that keeps the rules, and loses no credit, whatever the order of sending and reading', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 0, max: 262_144 })), { maxLength: 300 }),
      (moves) => {
        let sender = afterInputs(openingChannel(ID), received({ kind: 'accept', channel: ID, window: WINDOW })).state;
        let reader = acceptedChannel(ID, WINDOW);
        const toReader: ChannelFrame[] = [];
        const toSender: ChannelFrame[] = [];
        const unread: Uint8Array[] = [];
        const feedReader = (input: ChannelInput) => {
          const next = step(reader, input);
          reader = next.state;
          for (const effect of next.effects) {
            expect(effect.kind).not.toBe('broken');
            if (effect.kind === 'send') toSender.push(effect.frame);
            if (effect.kind === 'deliver') unread.push(effect.bytes);
          }
        };
        for (const [move, bytes] of moves) {
          const frame = move === 1 ? toReader.shift() : move === 2 ? toSender.shift() : undefined;
          const text = move === 3 ? unread.shift() : undefined;
          if (move === 0 && maySend(sender, message(bytes))) {
            sender = step(sender, { kind: 'send', bytes: message(bytes) }).state;
            toReader.push({ kind: 'data', channel: ID, bytes: message(bytes) });
          }
          if (move === 1 && frame && frame.kind !== 'open') feedReader(received(frame));
          if (move === 2 && frame && frame.kind !== 'open') sender = step(sender, received(frame)).state;
          if (text) feedReader({ kind: 'read', cost: costOf(text) });
          const underWay = toReader.reduce((sum, each) => sum + (each.kind === 'data' ? costOf(each.bytes) : 0), 0);
          const returning = toSender.reduce((sum, each) => sum + (each.kind === 'credit' ? each.units : 0), 0);
          const held = unread.reduce((sum, each) => sum + costOf(each), 0);
          expect(sender.credit + underWay + held + reader.unreturned + returning).toBe(WINDOW);
        }
      },
    ),
  );
});
