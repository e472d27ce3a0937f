import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type HashTurn,
  isBehind,
  onHashed,
  onReaders,
  onRight,
  onTick,
  startHashTurn,
} from '../../../src/fetcher/assembly/hash-turn.ts';
import { openWholeHash } from '../../../src/fetcher/assembly/whole-hash.ts';
import type { Digester, FollowOptions } from '../../../src/fetcher/ports.ts';
import { HASH_BESIDE_READING_BYTES, HASH_LAG_BYTES } from '../../../src/limits.ts';
import { sha3Of } from '../../support/announced-file.ts';

const MiB = 1024 * 1024;
const CONTENDED = startHashTurn(true);

/** The file becomes right a chunk at a time. */
function chunkByChunk(turn: HashTurn, to: number): HashTurn {
  let now = turn;
  for (let right = turn.right + MiB; right <= to; right += MiB) now = onRight(now, right);
  return now;
}

describe('whose turn it is', () => {
  it('is the hash’s when it is behind by more than its lag, until it has come further', () => {
    const full = chunkByChunk(CONTENDED, HASH_LAG_BYTES);
    expect(isBehind(full)).toBe(false);
    const over = chunkByChunk(full, HASH_LAG_BYTES + MiB);
    expect(isBehind(over)).toBe(true);
    expect(isBehind(onHashed(over, MiB))).toBe(false);
  });

  it('is never the hash’s where there are cores for all', () => {
    const far = chunkByChunk(startHashTurn(false), 3 * HASH_LAG_BYTES);
    expect([isBehind(far), far.released]).toEqual([false, far.right]);
  });

  it('is the bytes’ after a resume: what lay here already holds up nothing', () => {
    const resumed = onRight(CONTENDED, 100 * HASH_LAG_BYTES);
    expect(isBehind(resumed)).toBe(false);
    const full = chunkByChunk(resumed, resumed.right + HASH_LAG_BYTES);
    expect(isBehind(full)).toBe(false);
    expect(isBehind(chunkByChunk(full, full.right + MiB))).toBe(true);
  });

  it('is the bytes’ while somebody reads: the hash gets nothing, and then everything', () => {
    const read = chunkByChunk(onReaders(chunkByChunk(CONTENDED, 2 * MiB), true), 5 * HASH_LAG_BYTES);
    expect([isBehind(read), read.released]).toEqual([false, 2 * MiB]);
    const over = onReaders(read, false);
    expect([isBehind(over), over.released]).toEqual([false, read.right]);
  });

  it('is both’s while somebody reads what comes slowly', () => {
    const slow = onTick(chunkByChunk(onReaders(CONTENDED, true), HASH_BESIDE_READING_BYTES - MiB));
    expect(slow.released).toBe(slow.right);
    const fast = onTick(chunkByChunk(slow, slow.right + HASH_BESIDE_READING_BYTES));
    expect(fast.released).toBe(slow.right);
  });

  it('lets the hash on to nothing that is not right, never back, and holds up no bytes for nothing', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const input = fc.oneof(
      fc.nat({ max: 2 * HASH_LAG_BYTES }).map((more) => (turn: HashTurn) => onRight(turn, turn.right + more)),
      share.map((part) => (turn: HashTurn) => {
        return onHashed(turn, turn.hashed + Math.floor((turn.released - turn.hashed) * part));
      }),
      fc.boolean().map((isReadAlong) => (turn: HashTurn) => onReaders(turn, isReadAlong)),
      fc.constant(onTick),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(input, { maxLength: 60 }), (isContended, inputs) => {
        let turn = startHashTurn(isContended);
        for (const give of inputs) {
          const next = give(turn);
          expect(next.released).toBeGreaterThanOrEqual(turn.released);
          expect(next.released).toBeLessThanOrEqual(next.right);
          expect(next.excused).toBeGreaterThanOrEqual(0);
          if (isBehind(next)) expect(next.released - next.hashed).toBeGreaterThan(HASH_LAG_BYTES);
          if (!next.isReadAlong) expect(next.released).toBe(next.right);
          turn = next;
        }
        // Once the hash has done what it may, nobody waits for it.
        expect(isBehind(onHashed(turn, turn.released))).toBe(false);
      }),
    );
  });
});

/** Remembers how far it was let on; hashes when it is told to. */
function recordingDigester() {
  const released: number[] = [];
  let told: FollowOptions = {};
  const digester: Pick<Digester, 'follow' | 'isContended'> = {
    isContended: true,
    follow(_, options = {}) {
      told = options;
      return {
        advance: (to) => void released.push(to),
        digest: async () => sha3Of(new Uint8Array(0)),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
  return { digester, released, hashed: (to: number) => told.onHashed?.(to) };
}

describe('the hash of the whole file', () => {
  it('lets bytes in again when it has come further, and says so', () => {
    const { digester, hashed } = recordingDigester();
    const rings: string[] = [];
    const hash = openWholeHash({ digester, path: '/nowhere', onHashed: () => void rings.push('further') });
    for (let to = MiB; to <= HASH_LAG_BYTES + MiB; to += MiB) hash.advance(to);
    expect(hash.isBehind()).toBe(true);
    hashed(2 * MiB);
    expect([hash.isBehind(), rings]).toEqual([false, ['further']]);
  });

  it('is let on at once when nobody reads, and at the end in any case', async () => {
    const { digester, released } = recordingDigester();
    const hash = openWholeHash({ digester, path: '/nowhere', onHashed: () => {} });
    hash.advance(1);
    hash.advance(1);
    hash.readAlong(true);
    hash.advance(2);
    expect(released).toEqual([1]);
    await hash.digest();
    expect(released).toEqual([1, 2]);
  });
});
