import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNEL_MESSAGE_BYTES, CHANNEL_NAME_BYTES, REASON_BYTES } from '../../../../src/limits.ts';
import { encodeFrame, type Frame } from '../../../../src/net/link/frame.ts';
import { createFrameReader } from '../../../../src/net/link/frame-reader.ts';
import { framesIn } from '../../../support/net/frames-in.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const channel = fc.integer({ min: 1, max: 0xffff_ffff });
const reason = fc.string({ unit: 'grapheme', maxLength: 60 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const kind = <Kind extends string>(value: Kind) => fc.constant(value);

const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: kind('open'), channel, window: uint32, name }),
  fc.record({ kind: kind('accept'), channel, window: uint32 }),
  fc.record({ kind: kind('decline'), channel, reason }),
  fc.record({ kind: kind('data'), channel, bytes }),
  fc.record({ kind: kind('credit'), channel, units: uint32 }),
  fc.record({ kind: kind('end'), channel }),
  fc.record({ kind: kind('end-ack'), channel }),
  fc.record({ kind: kind('reset'), channel, reason }),
  fc.record({ kind: kind('nominate'), version: uint32 }),
  fc.record({ kind: kind('welcome') }),
  fc.record({ kind: kind('ping'), nonce: uint32 }),
  fc.record({ kind: kind('pong'), nonce: uint32 }),
  fc.record({ kind: kind('bye'), reason }),
);

describe('frames', () => {
  it('come back as they were, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 12 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (frames, cuts) => {
          const reader = createFrameReader();
          const received: Frame[] = [];
          let rest = Buffer.concat(frames.map(encodeFrame));
          while (rest.byteLength > 0) {
            const cut = cuts.next().value as number;
            received.push(...framesIn(reader, rest.subarray(0, cut)));
            rest = rest.subarray(cut);
          }
          expect(received).toEqual(frames);
        },
      ),
    );
  });

  it('leave the sender free to reuse its buffer', () => {
    const buffer = Buffer.from([1, 2, 3]);
    const encoded = encodeFrame({ kind: 'data', channel: 1, bytes: buffer });
    buffer.fill(9);
    expect(framesIn(createFrameReader(), encoded)).toEqual([
      { kind: 'data', channel: 1, bytes: Buffer.from([1, 2, 3]) },
    ]);
  });

  it('cut a long reason between characters', () => {
    const [frame] = framesIn(createFrameReader(), encodeFrame({ kind: 'bye', reason: 'ä'.repeat(REASON_BYTES) }));
    expect(frame).toEqual({ kind: 'bye', reason: 'ä'.repeat(REASON_BYTES / 2) });
  });

  it('never make the reader do anything but give frames or say that the protocol is broken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (chunk) => {
        try {
          for (const frame of framesIn(createFrameReader(), chunk)) expect(frame.kind).toBeTypeOf('string');
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL_BROKEN' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  function header(type: number, onChannel: number, length: number): Buffer {
    const encoded = Buffer.alloc(9);
    encoded.writeUInt8(type, 0);
    encoded.writeUInt32BE(onChannel, 1);
    encoded.writeUInt32BE(length, 5);
    return encoded;
  }

  it.each([
    ['an unknown type', header(99, 1, 0)],
    ['a message beyond the limit, before its bytes are awaited', header(4, 1, CHANNEL_MESSAGE_BYTES + 1)],
    ['a name beyond the limit', header(1, 1, 4 + CHANNEL_NAME_BYTES + 1)],
    ['a channel without a name', header(1, 1, 4)],
    ['data for the link itself', header(4, 0, 1)],
    ['a ping on a channel', header(18, 1, 4)],
    ['a name that is not UTF-8', Buffer.concat([header(1, 1, 5), Buffer.from([0, 0, 0, 0, 0xff])])],
  ])('are refused for %s', (_, encoded) => {
    expect(() => framesIn(createFrameReader(), encoded)).toThrow(expect.objectContaining({ code: 'PROTOCOL_BROKEN' }));
  });
});
