import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleStep } from '../../../../src/fetcher/assembly/schedule.ts';
import { isAllChecked, type ScheduleState, startSchedule } from '../../../../src/fetcher/assembly/schedule-state.ts';
import type { ScheduleEffect, ScheduleInput } from '../../../../src/fetcher/assembly/schedule-step.ts';
import { bytesOf, countOf } from '../../../../src/fetcher/chunks/chunk-layout.ts';
import { type Ranges, sizeOf } from '../../../../src/fetcher/ranges.ts';
import { createRangeQueue, type RangeQueue } from '../../../../src/fetcher/transfer/serve/range-queue.ts';
import type { DeviceId } from '../../../../src/ids.ts';
import { SOURCE_WINDOW_BYTES, STALL_MS } from '../../../../src/limits.ts';
import { somePeer } from '../../../support/net/channel-pair.ts';

const MiB = 1024 * 1024;
const PIECE = MiB / 4;

/**
 * honest: sends what it is asked for. liar: sends other bytes. mute: sends nothing. fading: sends one piece and no more.
 * rude: sends what nobody asked for.
 */
type Manner = 'honest' | 'liar' | 'mute' | 'fading' | 'rude';

interface Player {
  readonly device: DeviceId;
  readonly manner: Manner;
  readonly asked: RangeQueue;
}

/** Plays the sources, the disk and the checker of a schedule, and holds every step against the laws. */
function play(totalSize: number, manners: readonly Manner[], checked: Ranges = []) {
  const layout = { totalSize, size: MiB };
  const players = manners.map((manner, at): Player => {
    const { device } = somePeer((at + 10).toString(16));
    return { device, manner, asked: createRangeQueue() };
  });
  /** What lies on the disk: whether the bytes at this position are the right ones. */
  const disk = new Map<number, boolean>();
  const toCheck: number[] = [];
  const dropped: DeviceId[] = [];
  const faded = new Set<DeviceId>();
  let state = startSchedule(layout, checked);
  let sent = 0;
  let at = 0;

  function perform(effect: ScheduleEffect, input: ScheduleInput): void {
    const player = 'source' in effect ? players.find(({ device }) => device === effect.source) : undefined;
    if (effect.kind === 'ask') {
      for (const [start, end] of effect.ranges) {
        expect(0 <= start && start < end && end <= layout.totalSize).toBe(true);
        expect(checked.some(([first, last]) => start < last * MiB && end > first * MiB)).toBe(false);
      }
      player?.asked.add(effect.ranges);
    }
    if (effect.kind === 'skip') player?.asked.skip(effect.ranges);
    if (effect.kind === 'drop') dropped.push(effect.source);
    if (effect.kind === 'check') toCheck.push(effect.chunk);
    if (effect.kind === 'keep' && input.kind === 'arrived') {
      const manner = players.find(({ device }) => device === input.source)?.manner;
      disk.set(input.range[0], manner === 'honest' || manner === 'fading');
    }
  }

  function feed(input: ScheduleInput): void {
    const step = scheduleStep(state, input);
    state = step.state;
    for (const effect of step.effects) perform(effect, input);
    expectLaws(state, toCheck);
  }

  function deliver({ device, manner, asked: queue }: Player): boolean {
    if (manner === 'mute' || faded.has(device) || !state.sources.has(device)) return false;
    const range = manner === 'rude' ? ([layout.totalSize, layout.totalSize + 1] as const) : queue.next(PIECE);
    if (range && manner === 'fading') faded.add(device);
    if (range) sent += range[1] - range[0];
    if (range) feed({ kind: 'arrived', source: device, range, at });
    return range !== undefined;
  }

  function check(): boolean {
    const chunk = toCheck.shift();
    if (chunk === undefined) return false;
    const [start, end] = bytesOf(layout, [chunk, chunk + 1]);
    const isGood = [...disk].every(([position, isRight]) => position < start || position >= end || isRight);
    feed({ kind: 'checked', chunks: [chunk], bad: isGood ? [] : [chunk], at });
    return true;
  }

  return {
    layout,
    players,
    dropped,
    state: () => state,
    sent: () => sent,
    check,
    deliver,
    join: (player: Player) => feed({ kind: 'joined', source: player.device, at }),
    /** What it was asked for goes with its channel. */
    leave({ device, asked: queue }: Player) {
      queue.skip([[0, layout.totalSize]]);
      feed({ kind: 'left', source: device, at });
    },
    spoil: (chunk: number) => feed({ kind: 'spoiled', chunks: [chunk], at }),
    tick(ms: number) {
      at += ms;
      feed({ kind: 'tick', at, isHoldingBack: false });
    },
    /** Lets everybody do what they do until nothing moves any more, though each was waited for in turn. */
    settle() {
      for (let quiet = 0; quiet <= players.length && !isAllChecked(state); quiet += 1) {
        for (let moved = true; moved; ) {
          moved = check();
          for (const player of players) if (deliver(player)) moved = true;
          if (moved) quiet = 0;
        }
        this.tick(STALL_MS + 1);
      }
    },
  };
}

/** Every chunk is in one place, and no source owes more than it may. */
function expectLaws(state: ScheduleState, toCheck: readonly number[]): void {
  const places = [...chunksOf(state.lacking), ...chunksOf(state.checked), ...toCheck];
  for (const { owes } of state.sources.values()) places.push(...owes);
  const all = Array.from({ length: countOf(state.layout) }, (_, chunk) => chunk);
  expect(places.sort((a, b) => a - b)).toEqual(all);
  for (const { underWay, allowance } of state.sources.values()) {
    expect(underWay).toBeGreaterThanOrEqual(0);
    expect(underWay).toBeLessThanOrEqual(Math.max(SOURCE_WINDOW_BYTES, MiB));
    expect(allowance).toBeGreaterThanOrEqual(underWay);
  }
}

const FAST_CHUNKS = 256;
/** Until its pace has been measured, its window holds four. */
const PACE_KNOWN_AFTER = 64;

/** One source sends a long file at 200 chunks a second. What was asked of it, and after how many chunks each time. */
function fetchFast({ wantedAfter = Number.NaN, wanted = 0 } = {}) {
  const { device } = somePeer('a');
  const asked = createRangeQueue();
  const asks: { readonly chunksBefore: number; readonly ranges: Ranges }[] = [];
  let owedAtLeast = Number.POSITIVE_INFINITY;
  let state = startSchedule({ totalSize: FAST_CHUNKS * MiB, size: MiB }, []);
  let chunks = 0;
  function feed(input: ScheduleInput): void {
    const step = scheduleStep(state, input);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.kind !== 'ask') continue;
      asks.push({ chunksBefore: chunks, ranges: effect.ranges });
      asked.add(effect.ranges);
    }
  }
  feed({ kind: 'joined', source: device, at: 0 });
  for (let range = asked.next(MiB); range; range = asked.next(MiB)) {
    if (chunks === wantedAfter) feed({ kind: 'wanted', chunks: [[wanted, wanted + 1]] });
    chunks += 1;
    feed({ kind: 'arrived', source: device, range, at: chunks * 5 });
    if (state.lacking.length > 0) owedAtLeast = Math.min(owedAtLeast, state.sources.get(device)?.owes.length ?? 0);
  }
  expect(chunks).toBe(FAST_CHUNKS);
  return { asks, owedAtLeast };
}

function chunksOf(ranges: Ranges): readonly number[] {
  return ranges.flatMap(([start, end]) => Array.from({ length: end - start }, (_, at) => start + at));
}

const manner = fc.constantFrom<Manner>('honest', 'liar', 'mute', 'fading', 'rude');
const size = fc
  .tuple(fc.nat({ max: 12 }), fc.constantFrom(1, PIECE, MiB - 1, MiB))
  .map(([chunks, rest]) => chunks * MiB + rest);

describe('a schedule', () => {
  it('brings every chunk as long as one source is honest, whoever else takes part and in whatever order things happen', () => {
    const moves = fc.array(
      fc.record({
        who: fc.nat({ max: 4 }),
        what: fc.constantFrom('deliver', 'deliver', 'check', 'tick', 'leave', 'join'),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(size, fc.array(manner, { maxLength: 4 }), moves, (totalSize, others, all) => {
        const game = play(totalSize, ['honest', ...others]);
        const [honest] = game.players;
        if (honest) game.join(honest);
        for (const { who, what } of all) {
          const player = game.players[who];
          if (what === 'check') game.check();
          if (what === 'tick') game.tick(1000 * who);
          if (!player || game.dropped.includes(player.device)) continue;
          if (what === 'deliver') game.deliver(player);
          if (what === 'join') game.join(player);
          if (what === 'leave' && player !== honest) game.leave(player);
        }
        game.settle();
        expect(isAllChecked(game.state())).toBe(true);
        expect(game.dropped).not.toContain(honest?.device);
      }),
      { numRuns: 150 },
    );
  });

  it('has honest sources send no byte twice, and none that was here', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 1, max: 4 }), (chunks, count) => {
        const game = play(chunks * MiB + 1, Array<Manner>(count).fill('honest'), [[1, 2]]);
        for (const player of game.players) game.join(player);
        game.settle();
        expect(isAllChecked(game.state())).toBe(true);
        expect(game.sent()).toBe(game.layout.totalSize - MiB);
      }),
    );
  });

  it('gives what a silent source owes to the others, and leaves it one chunk', () => {
    const game = play(8 * MiB, ['mute', 'honest']);
    const [mute, honest] = game.players as [Player, Player];
    game.join(mute);
    expect(game.state().sources.get(mute.device)?.owes.length).toBe(4);
    game.join(honest);
    while (game.deliver(honest)) game.check();
    game.tick(STALL_MS + 1);
    expect(game.state().sources.get(mute.device)?.owes.length).toBeLessThanOrEqual(1);
    game.settle();
    expect(isAllChecked(game.state())).toBe(true);
  });

  it('takes nothing back from a silent source while there is nobody else to turn to', () => {
    const game = play(8 * MiB, ['mute']);
    const [mute] = game.players as [Player];
    game.join(mute);
    const owed = game.state().sources.get(mute.device)?.owes;
    game.tick(STALL_MS + 1);
    expect(game.state().sources.get(mute.device)).toMatchObject({ isStalled: true, owes: owed });
  });

  it('takes nothing for one that stalled from one that delivers', () => {
    const game = play(4 * MiB, ['mute', 'honest']);
    const [mute, honest] = game.players as [Player, Player];
    game.join(mute);
    game.tick(STALL_MS + 1);
    game.join(honest);
    expect(game.state().sources.get(honest.device)?.owes.length).toBe(4);
    while (game.deliver(honest)) expect(game.state().sources.get(mute.device)?.owes).toEqual([]);
  });

  it('keeps the good ones of chunks that were checked together with a bad one', () => {
    const game = play(2 * MiB, ['liar']);
    const [liar] = game.players as [Player];
    game.join(liar);
    while (game.deliver(liar));
    const step = scheduleStep(game.state(), { kind: 'checked', chunks: [0, 1], bad: [1], at: 0 });
    expect(step.state).toMatchObject({ checked: [[0, 1]], lacking: [[1, 2]] });
    expect(step.effects).toContainEqual({ kind: 'drop', source: liar.device, outcome: 'wrong-chunk' });
  });

  it('turns to one that stalled before when the one that took over from it falls silent', () => {
    const game = play(1, ['honest', 'mute', 'mute']);
    const [honest, ...mutes] = game.players as [Player, Player, Player];
    game.join(honest);
    game.tick(STALL_MS + 1);
    for (const mute of mutes) game.join(mute);
    expect(game.state().sources.get(honest.device)?.owes).toEqual([]);
    game.settle();
    expect(isAllChecked(game.state())).toBe(true);
  });

  it('takes the last chunk from one that fell silent in the middle of it, whatever is known of the taker', () => {
    const game = play(MiB, ['honest', 'honest']);
    const [first, second] = game.players as [Player, Player];
    game.join(first);
    game.deliver(first);
    game.join(second);
    game.tick(STALL_MS + 1);
    while (game.deliver(second));
    game.check();
    expect(isAllChecked(game.state())).toBe(true);
  });

  it('blames nobody for a wrong chunk of two, and has one of them send all of it, who then answers for it', () => {
    const game = play(MiB, ['honest', 'liar']);
    const [honest, liar] = game.players as [Player, Player];
    game.join(honest);
    game.deliver(honest);
    game.join(liar);
    game.tick(STALL_MS + 1);
    while (game.deliver(liar));
    game.check();
    expect(game.dropped).toEqual([]);
    game.settle();
    expect(game.dropped).toEqual([liar.device]);
    expect(isAllChecked(game.state())).toBe(true);
  });

  it('drops who sends a wrong chunk at once, and keeps what others sent', () => {
    const game = play(8 * MiB, ['honest', 'liar']);
    const [honest, liar] = game.players as [Player, Player];
    game.join(honest);
    game.join(liar);
    while (game.deliver(honest) || game.check());
    const before = sizeOf(game.state().checked);
    for (let piece = 0; piece < 4; piece += 1) game.deliver(liar);
    game.check();
    expect(game.dropped).toEqual([liar.device]);
    expect(sizeOf(game.state().checked)).toBe(before);
  });

  it.each([
    ['beyond the file', [8 * MiB, 8 * MiB + 1]],
    ['across a border of chunks', [MiB - 10, MiB + 10]],
    ['where nothing was asked for', [7 * MiB, 7 * MiB + 10]],
  ] as const)('drops who sends bytes %s, and keeps none of them', (_, range) => {
    const game = play(8 * MiB, ['honest']);
    const [source] = game.players as [Player];
    game.join(source);
    const step = scheduleStep(game.state(), { kind: 'arrived', source: source.device, range, at: 0 });
    expect(step.effects[0]).toEqual({ kind: 'drop', source: source.device, outcome: 'protocol-broken' });
    expect(step.effects.map(({ kind }) => kind)).not.toContain('keep');
  });

  it('fetches what a reader waits for before anything else', () => {
    const game = play(40 * MiB, ['honest']);
    const [source] = game.players as [Player];
    const wanted = scheduleStep(game.state(), { kind: 'wanted', chunks: [[30, 40]] }).state;
    const joined = scheduleStep(wanted, { kind: 'joined', source: source.device, at: 0 });
    expect(joined.effects).toContainEqual({ kind: 'ask', source: source.device, ranges: [[30 * MiB, 34 * MiB]] });
  });

  it('asks a fast source for several chunks at a time, and never lets it run out of work', () => {
    const { asks, owedAtLeast } = fetchFast();
    const laterAsks = asks.filter(({ chunksBefore }) => chunksBefore >= PACE_KNOWN_AFTER);
    expect(laterAsks.length).toBeLessThan((FAST_CHUNKS - PACE_KNOWN_AFTER) / 3);
    expect(owedAtLeast).toBeGreaterThan(0);
  });

  it('asks a fast source at once for what a reader waits for', () => {
    const { asks } = fetchFast({ wantedAfter: 100, wanted: 240 });
    const at = asks.findIndex(({ ranges }) => ranges[0]?.[0] === 240 * MiB);
    expect(asks[at]?.chunksBefore).toBe(101);
  });

  it('fetches again what has gone bad on the disk, and only that', () => {
    const game = play(6 * MiB, ['honest']);
    const [source] = game.players as [Player];
    game.join(source);
    game.settle();
    game.spoil(3);
    expect(isAllChecked(game.state())).toBe(false);
    game.settle();
    expect(isAllChecked(game.state())).toBe(true);
    expect(game.sent()).toBe(7 * MiB);
  });

  it('asks one source for the hashes, and the next one when that takes long', () => {
    const game = play(3 * MiB, ['mute', 'honest']);
    const [first, second] = game.players as [Player, Player];
    const asked = (input: ScheduleInput, state: ScheduleState) => {
      const step = scheduleStep(state, input);
      return { state: step.state, of: step.effects.flatMap((e) => (e.kind === 'ask-hashes' ? [e.source] : [])) };
    };
    const one = asked({ kind: 'joined', source: first.device, at: 0 }, game.state());
    const two = asked({ kind: 'joined', source: second.device, at: 0 }, one.state);
    const late = asked({ kind: 'tick', at: STALL_MS + 1, isHoldingBack: false }, two.state);
    expect([one.of, two.of, late.of]).toEqual([[first.device], [], [second.device]]);
  });
});
