import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PATH_STREAMS } from '../../../../src/limits.ts';
import { dialPair, expectPairs, type Half } from '../../../../src/net/paths/stream-pair.ts';
import type { Expectation, ProvedStream } from '../../../../src/net/secure/secure-streams.ts';
import { newCredentials } from '../../../../src/net/signalling/description.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';
import { streamPair } from '../../../support/net/stream-pair.ts';
import { realRandom } from '../../../support/time/real-clock.ts';

const { signal } = new AbortController();
const peer = somePeer('b');
const { device } = peer;
const proved = (stream: Duplex): ProvedStream => ({
  ...{ stream, peer, local: undefined, remote: undefined },
});

/** A listener, and what it has of the tries; each half of one arrives when the test says so. */
function lab() {
  const credentials = newCredentials(realRandom);
  const expected = new Map<string, Expectation>();
  const came: ProvedStream[] = [];
  const stop = expectPairs({
    streams: {
      expect(expectation) {
        expected.set(expectation.name, expectation);
        return () => void expected.delete(expectation.name);
      },
    },
    ...{ credentials, device },
    onStream: (stream) => void came.push(stream),
  });

  /** The client has its half at once, the listener when `arrive` is called. */
  async function dial(number: number) {
    const arrivals = new Map<Half, () => void>();
    const farEnds: Duplex[] = [];
    const pair = await dialPair({
      ...{ credentials, device, number, signal },
      async dial(half, { name }) {
        const [near, far] = streamPair();
        farEnds.push(far);
        const expectation = expected.get(name);
        arrivals.set(half, () => expectation?.onStream(proved(far)));
        return proved(near);
      },
    });
    return { pair, farEnds, arrive: (half: Half) => arrivals.get(half)?.() };
  }
  return { credentials, expected, came, stop, dial };
}

async function lineFrom(stream: Duplex): Promise<string> {
  for await (const bytes of stream.iterator({ destroyOnReturn: false })) return String(bytes);
  return '';
}

describe('a pair of streams', () => {
  const arrivals = fc.shuffledSubarray(
    [0, 1, 2].flatMap((number) => (['there', 'back'] as const).map((half) => ({ number, half }))),
    { minLength: 6 },
  );

  it('is made of the halves of one try, in whatever order those of several arrive', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async (order) => {
        const { came, dial } = lab();
        const tries = await Promise.all([0, 1, 2].map(dial));
        for (const { number, half } of order) tries[number]?.arrive(half);
        expect(came).toHaveLength(3);
        tries.forEach(({ pair }, number) => void pair.stream.write(`there ${number}`));
        for (const { stream } of came) {
          const said = await lineFrom(stream);
          stream.write(said.replace('there', 'back'));
        }
        const answers = await Promise.all(tries.map(({ pair }) => lineFrom(pair.stream)));
        expect(answers).toEqual(['back 0', 'back 1', 'back 2']);
      }),
      { numRuns: 20 },
    );
  });

  it('is expected of as many tries as a path may have, under names that tell nothing apart', () => {
    const { expected } = lab();
    expect(expected.size).toBe(2 * PATH_STREAMS);
    for (const name of expected.keys()) expect(name).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is not waited for any longer once nobody wants it, and its first half goes', async () => {
    const { expected, came, stop, dial } = lab();
    const { farEnds, arrive } = await dial(0);
    arrive('there');
    stop();
    arrive('back');
    expect([expected.size, came.length]).toEqual([0, 0]);
    expect(farEnds.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('keeps its first half when somebody comes for it again', async () => {
    const { came, dial } = lab();
    const [first, second] = await Promise.all([dial(0), dial(0)]);
    first.arrive('there');
    second.arrive('there');
    first.arrive('back');
    expect(came).toHaveLength(1);
    expect(second.farEnds.filter(({ destroyed }) => destroyed)).toHaveLength(1);
  });

  it('fails with the half that fails, and lets the other one go', async () => {
    const { credentials } = lab();
    const [near] = streamPair();
    const failing = dialPair({
      ...{ credentials, device, number: 0, signal },
      dial: (half) => (half === 'there' ? Promise.resolve(proved(near)) : Promise.reject(new Error('not let in'))),
    });
    await expect(failing).rejects.toThrow('not let in');
    expect(near.destroyed).toBe(true);
  });

  it('does not wait for the other half of one that failed', async () => {
    const { credentials } = lab();
    const failing = dialPair({
      ...{ credentials, device, number: 0, signal },
      dial: (half, to) =>
        new Promise((_, reject) => {
          if (half === 'back') reject(new Error('not let in'));
          to.signal.addEventListener('abort', () => reject(to.signal.reason));
        }),
    });
    await expect(failing).rejects.toThrow('not let in');
  });
});
