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
} from '../../../../src/fetcher/assembly/hash-turn.ts';
import { openWholeHash } from '../../../../src/fetcher/assembly/whole-hash.ts';
import type { Digester, FollowOptions } from '../../../../src/fetcher/ports.ts';
import { HASH_BESIDE_READING_BYTES, HASH_LAG_BYTES } from '../../../../src/limits.ts';
import { sha3Of } from '../../../support/fetcher/announced-file.ts';

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
    expect(isBehind(full, 0)).toBe(false);
    const over = chunkByChunk(full, HASH_LAG_BYTES + MiB);
    expect(isBehind(over, 0)).toBe(true);
    expect(isBehind(onHashed(over, MiB), 0)).toBe(false);
  });

  it('counts what is on its way to the hash, unless the hash has nothing to do until that is right', () => {
    const waiting = chunkByChunk(CONTENDED, MiB);
    expect(isBehind(waiting, HASH_LAG_BYTES - MiB)).toBe(false);
    expect(isBehind(waiting, HASH_LAG_BYTES)).toBe(true);
    expect(isBehind(onHashed(waiting, MiB), HASH_LAG_BYTES)).toBe(false);
  });

  it('is never the hash’s where there are cores for all', () => {
    const far = chunkByChunk(startHashTurn(false), 3 * HASH_LAG_BYTES);
    expect([isBehind(far, 0), far.released]).toEqual([false, far.right]);
  });

  it('is the bytes’ after a resume: what lay here already holds up nothing', () => {
    const resumed = onRight(CONTENDED, 100 * HASH_LAG_BYTES);
    expect(isBehind(resumed, 0)).toBe(false);
    const full = chunkByChunk(resumed, resumed.right + HASH_LAG_BYTES);
    expect(isBehind(full, 0)).toBe(false);
    expect(isBehind(chunkByChunk(full, full.right + MiB), 0)).toBe(true);
  });

  it('is the bytes’ while somebody reads: the hash gets nothing, and then everything', () => {
    const read = chunkByChunk(onReaders(chunkByChunk(CONTENDED, 2 * MiB), true), 5 * HASH_LAG_BYTES);
    expect([isBehind(read, 0), read.released]).toEqual([false, 2 * MiB]);
    const over = onReaders(read, false);
    expect([isBehind(over, 0), over.released]).toEqual([false, read.right]);
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
          if (isBehind(next, 0)) expect(next.released - next.hashed).toBeGreaterThan(HASH_LAG_BYTES);
          if (isBehind(next, 2 * HASH_LAG_BYTES)) expect(next.released).toBeGreaterThan(next.hashed);
          if (!next.isReadAlong) expect(next.released).toBe(next.right);
          turn = next;
        }
        // Once the hash has done what it may, nobody waits for it.
        expect(isBehind(onHashed(turn, turn.released), 2 * HASH_LAG_BYTES)).toBe(false);
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
    expect(hash.isBehind(0)).toBe(true);
    hashed(2 * MiB);
    expect([hash.isBehind(0), rings]).toEqual([false, ['further']]);
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
