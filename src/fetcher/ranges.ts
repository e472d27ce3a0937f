/** Sets of whole numbers as half-open intervals, ascending, apart from each other, none empty. */

/** `[start, end)` in bytes. */
export type Range = readonly [start: number, end: number];

export type Ranges = readonly Range[];

export function withRange(ranges: Ranges, [start, end]: Range): Ranges {
  if (end <= start) return ranges;
  const before = ranges.filter((one) => one[1] < start);
  const after = ranges.filter((one) => one[0] > end);
  const touching = ranges.slice(before.length, ranges.length - after.length);
  const first = Math.min(start, touching[0]?.[0] ?? start);
  const last = Math.max(end, touching.at(-1)?.[1] ?? end);
  return [...before, [first, last], ...after];
}

export function withoutRange(ranges: Ranges, [start, end]: Range): Ranges {
  if (end <= start) return ranges;
  return ranges.flatMap((one) => {
    const left: Range = [one[0], Math.min(one[1], start)];
    const right: Range = [Math.max(one[0], end), one[1]];
    return [left, right].filter(([from, to]) => from < to);
  });
}

/** Any ranges, in any order, as a set. */
export function toRanges(some: Iterable<Range>): Ranges {
  let ranges: Ranges = [];
  for (const range of some) ranges = withRange(ranges, range);
  return ranges;
}

export function isIn(ranges: Ranges, number: number): boolean {
  return ranges.some(([start, end]) => start <= number && number < end);
}

/** What both hold. */
export function overlap(ranges: Ranges, [start, end]: Range): Ranges {
  return ranges.flatMap((one) => {
    const common: Range = [Math.max(one[0], start), Math.min(one[1], end)];
    return common[0] < common[1] ? [common] : [];
  });
}

/** How many numbers the set holds. */
export function sizeOf(ranges: Ranges): number {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
}

/** Where the numbers that go on from zero without a gap end. */
export function endOfPrefix(ranges: Ranges): number {
  const [first] = ranges;
  return first?.[0] === 0 ? first[1] : 0;
}
