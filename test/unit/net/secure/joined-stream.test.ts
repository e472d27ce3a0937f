import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinStreams } from '../../../../src/net/secure/joined-stream.ts';
import type { ProvedStream } from '../../../../src/net/secure/secure-streams.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';
import { createStallingRelay } from '../../../support/net/stalling-relay.ts';
import { streamPair } from '../../../support/net/stream-pair.ts';
import { until } from '../../../support/time/until.ts';

const proved = (stream: Duplex): ProvedStream => ({
  ...{ stream, peer: somePeer('b'), local: undefined, remote: undefined },
});
const join = (writes: Duplex, reads: Duplex) => joinStreams({ writes: proved(writes), reads: proved(reads) }).stream;

/** Two devices, each with both halves joined. */
function joinedPair() {
  const [nearThere, farThere] = streamPair();
  const [nearBack, farBack] = streamPair();
  const halves = [nearThere, farThere, nearBack, farBack];
  return { near: join(nearThere, nearBack), far: join(farBack, farThere), nearThere, farThere, nearBack, halves };
}

/** What has come so far. */
function gather(stream: Duplex): { all(): Buffer; readonly count: number } {
  const chunks: Buffer[] = [];
  // The memory belongs to whoever gave it.
  stream.on('data', (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes)));
  return {
    all: () => Buffer.concat(chunks),
    get count() {
      return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    },
  };
}

describe('two streams joined', () => {
  const piece = fc.record({ bytes: fc.integer({ min: 1, max: 40_000 }), pauses: fc.boolean() });

  it('carry all bytes both ways in their order, however often they are not read for a while', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.array(piece, { maxLength: 12 }), async (there, back) => {
        const { near, far } = joinedPair();
        const pass = async (from: Duplex, to: Duplex, pieces: typeof there) => {
          const got = gather(to);
          const sent: Buffer[] = [];
          for (const { bytes, pauses } of pieces) {
            if (pauses) to.pause();
            sent.push(randomBytes(bytes));
            await new Promise((done) => from.write(sent.at(-1), done));
            to.resume();
          }
          from.end();
          await once(to, 'end');
          expect(got.all().equals(Buffer.concat(sent))).toBe(true);
        };
        await Promise.all([pass(near, far, there), pass(far, near, back)]);
      }),
      { numRuns: 30 },
    );
  });

  it('keep what comes before anybody listens', async () => {
    const { near, far } = joinedPair();
    near.end('hello');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const got = gather(far);
    await once(far, 'end');
    expect(got.all().toString()).toBe('hello');
  });

  it('end in one direction after the other, and then are gone', async () => {
    const { near, far, halves } = joinedPair();
    const got = gather(near);
    near.end();
    far.resume();
    await once(far, 'end');
    far.end('still here');
    await Promise.all([once(near, 'close'), once(far, 'close')]);
    expect(got.all().toString()).toBe('still here');
    expect(halves.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it.each(['nearThere', 'nearBack'] as const)('are gone with either (%s)', async (which) => {
    const pair = joinedPair();
    pair[which].destroy();
    await once(pair.near, 'close');
    expect(pair.nearThere.destroyed && pair.nearBack.destroyed).toBe(true);
  });

  it('are gone when something comes on the one that is for writing', async () => {
    const { near, farThere } = joinedPair();
    farThere.write('not this way');
    await once(near, 'close');
    expect(near.destroyed).toBe(true);
  });
});

describe('a relay that stops when both directions of a connection are full', () => {
  const PIECE = randomBytes(16 * 1024);
  const PIECES = 64;
  const write = (end: Duplex) => {
    for (let written = 0; written < PIECES; written += 1) end.write(PIECE);
  };

  it('stops one that carries both', async () => {
    const relay = createStallingRelay();
    for (const end of relay.ends) write(end);
    await until(() => relay.isFull);
    relay.ends[0].resume();
    await until(() => relay.isStuck);
    expect(relay.isStuck).toBe(true);
  });

  it('carries everything when each direction has one of its own', async () => {
    const [there, back] = [createStallingRelay(), createStallingRelay()];
    const ends = [join(there.ends[0], back.ends[0]), join(back.ends[1], there.ends[1])];
    for (const end of ends) write(end);
    const got = ends.map(gather);
    await until(() => got.every(({ count }) => count === PIECES * PIECE.length));
    expect([there.isStuck, back.isStuck]).toEqual([false, false]);
  });
});
