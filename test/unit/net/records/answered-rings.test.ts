import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { RING_SKEW_MS, RINGS_KEPT } from '../../../../src/limits.ts';
import { type AnsweredRing, openAnsweredRings } from '../../../../src/net/records/answered-rings.ts';
import { openRingStore } from '../../../../src/net/records/ring-store-adapter.ts';
import type { Log } from '../../../../src/ports.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { createVirtualClock, type VirtualClock } from '../../../support/time/virtual-clock.ts';

describe('rings that were answered', () => {
  let clock: VirtualClock;
  let path: string;
  let warnings: string[];

  /** As each run of a device does. */
  const open = () => {
    const log: Log = { debug() {}, info() {}, warn: (message) => void warnings.push(message) };
    return openAnsweredRings({ store: openRingStore(path), clock, log });
  };
  const ringAt = (at: number): AnsweredRing => ({ ringKey: randomBytes(32), at });
  const kept = async () => JSON.parse(await readFile(path, 'utf8')).rings.length;

  beforeEach(async () => {
    clock = createVirtualClock();
    path = join(await temporaryDirectory(), 'rings.json');
    warnings = [];
  });

  it('are remembered by the next run', async () => {
    const [first, second, other] = [ringAt(clock.now()), ringAt(clock.now()), ringAt(clock.now())];
    const before = await open();
    await before.add([first]);
    await before.add([second]);
    const after = await open();
    expect([first, second, other].map(({ ringKey }) => after.has(ringKey))).toEqual([true, true, false]);
    expect(warnings).toEqual([]);
  });

  it('are remembered for as long as their time would do, and no longer', async () => {
    const ring = ringAt(clock.now() + RING_SKEW_MS);
    await (await open()).add([ring]);
    await clock.advance(2 * RING_SKEW_MS);
    expect((await open()).has(ring.ringKey)).toBe(true);
    await clock.advance(1);
    const late = await open();
    expect(late.has(ring.ringKey)).toBe(false);
    await late.add([ringAt(clock.now())]);
    expect(await kept()).toBe(1);
  });

  it('give way to newer ones when there are too many', async () => {
    const rings = Array.from({ length: RINGS_KEPT }, () => ringAt(clock.now()));
    await (await open()).add(rings);
    const newest = ringAt(clock.now());
    await (await open()).add([newest]);
    const after = await open();
    expect(await kept()).toBe(RINGS_KEPT);
    expect([rings[0], rings[1], rings.at(-1), newest].map((ring) => ring && after.has(ring.ringKey))).toEqual([
      ...[false, true, true, true],
    ]);
  });

  it.each([
    ['is empty', ''],
    ['was torn', '{"version":1,"rings":[{"key":"ab'],
    ['has keys that are none', '{"version":1,"rings":[{"key":"../etc","at":1}]}'],
    ['is of another version', '{"version":2,"rings":[]}'],
  ])('are forgotten when their list %s, which the log says, and it is written anew', async (_, text) => {
    await writeFile(path, text);
    const ring = ringAt(clock.now());
    await (await open()).add([ring]);
    expect(warnings).toEqual(['the rings answered before are not known']);
    expect((await open()).has(ring.ringKey)).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  it('are known to this run also when they cannot be written, which the log says', async () => {
    path = join(path, 'no such folder', 'rings.json');
    const ring = ringAt(clock.now());
    const rings = await open();
    await rings.add([ring]);
    expect(rings.has(ring.ringKey)).toBe(true);
    expect(warnings).toEqual(['a ring that is answered is not remembered over a restart']);
  });

  it('are known to the owner of the home alone', async () => {
    await (await open()).add([ringAt(clock.now())]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
