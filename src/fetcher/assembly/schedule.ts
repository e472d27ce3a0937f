/**
 * How the chunks of one file are shared out among the devices that send it, without any IO.
 *
 * Laws: nothing is asked for outside the file, or of two sources at a time; no more is under way from a source than its
 * window, or one chunk; bytes are kept only where they were asked for; a source that lies is dropped and costs no more
 * than the chunks it lied about; as long as one honest source delivers, every chunk comes. No input sequence makes it throw.
 */
import type { DeviceId } from '../../ids.ts';
import { never } from '../../never.ts';
import type { Milliseconds } from '../../ports.ts';
import { bytesOf, chunkAt } from '../chunks/chunk-layout.ts';
import { isIn, withRange } from '../ranges.ts';
import { andThen, move, stay } from '../transfer/step.ts';
import { askForHashes, handOut } from './hand-out.ts';
import {
  isAllChecked,
  lackingBytes,
  type ScheduleState,
  takeBack,
  throwAway,
  withoutLiar,
  withoutSource,
  withSource,
} from './schedule-state.ts';
import type { ScheduleEffect, ScheduleInput, ScheduleStep } from './schedule-step.ts';
import { isOverdue, measure, newSource, type SourceState } from './source-state.ts';

export function scheduleStep(state: ScheduleState, input: ScheduleInput): ScheduleStep {
  switch (input.kind) {
    case 'joined':
      if (state.sources.has(input.source)) return stay(state);
      return shareOut(withSource(state, input.source, newSource(input.at)), input.at);
    case 'left':
      return shareOut(withoutSource(state, input.source), input.at);
    case 'arrived':
      return onArrived(state, input);
    case 'hashes':
      return onHashes(state, input);
    case 'checked':
      return onChecked(state, input);
    case 'spoiled':
      return shareOut(input.chunks.reduce(throwAway, state), input.at);
    case 'wanted':
      return stay({ ...state, wanted: input.chunks });
    case 'tick':
      return onTick(state, input);
    default:
      return never(input);
  }
}

function shareOut(state: ScheduleState, at: Milliseconds): ScheduleStep {
  return andThen(askForHashes(state, at), (asked) => handOut(asked, at));
}

function onArrived(state: ScheduleState, input: ScheduleInput & { kind: 'arrived' }): ScheduleStep {
  const { source: device, range, at } = input;
  const source = state.sources.get(device);
  if (!source) return stay(state);
  const [start, end] = range;
  const chunk = chunkAt(state.layout, start);
  const [, chunkEnd] = bytesOf(state.layout, [chunk, chunk + 1]);
  const isAllowed = end - start <= source.allowance && end <= chunkEnd && isIn(source.everAsked, chunk);
  if (!isAllowed) return drop(state, { device, outcome: 'protocol-broken', at });
  const heard = { ...measure(source, end - start, at), allowance: source.allowance - (end - start) };
  // Bytes that crossed a `skip` on the way are of no use, and no offence.
  if (!source.owes.includes(chunk) || start !== lackingBytes(state, chunk)[0]) {
    return stay(withSource(state, device, heard));
  }
  const kept = keep(withSource(state, device, heard), { device, chunk, range, at });
  if (end < chunkEnd) return move<ScheduleState, ScheduleEffect>(kept, { kind: 'keep' });
  return andThen(move<ScheduleState, ScheduleEffect>(kept, { kind: 'keep' }, { kind: 'check', chunk }), (now) =>
    handOut(now, at),
  );
}

interface Piece {
  readonly device: DeviceId;
  readonly chunk: number;
  readonly range: readonly [number, number];
  readonly at: Milliseconds;
}

function keep(state: ScheduleState, { device, chunk, range: [start, end], at }: Piece): ScheduleState {
  const source = state.sources.get(device);
  if (!source) return state;
  const begun = state.begun.get(chunk);
  const from = begun?.from.includes(device) ? begun.from : [...(begun?.from ?? []), device];
  const [, chunkEnd] = bytesOf(state.layout, [chunk, chunk + 1]);
  const delivered = {
    ...source,
    owes: end < chunkEnd ? source.owes : source.owes.filter((one) => one !== chunk),
    underWay: source.underWay - (end - start),
    usefulAt: at,
    isStalled: false,
  };
  const next = { ...state, begun: state.begun.set(chunk, { end, from, isSuspect: begun?.isSuspect ?? false }) };
  return withSource(next, device, delivered);
}

function onHashes(state: ScheduleState, input: ScheduleInput & { kind: 'hashes' }): ScheduleStep {
  const { source: device, areRight, at } = input;
  if (!areRight) return drop(state, { device, outcome: 'wrong-chunk', at });
  return stay({ ...state, hasHashes: true });
}

function onChecked(state: ScheduleState, { chunks, bad, at }: ScheduleInput & { kind: 'checked' }): ScheduleStep {
  const step = chunks.reduce<ScheduleStep>(
    (before, chunk) => andThen(before, (now) => (bad.includes(chunk) ? onBad(now, chunk) : stay(onGood(now, chunk)))),
    stay(state),
  );
  if (!isAllChecked(step.state)) return andThen(step, (now) => shareOut(now, at));
  return andThen(step, (now) => move<ScheduleState, ScheduleEffect>(now, { kind: 'all-checked' }));
}

function onGood(state: ScheduleState, chunk: number): ScheduleState {
  return { ...state, begun: state.begun.delete(chunk), checked: withRange(state.checked, [chunk, chunk + 1]) };
}

/** Who sent all of a bad chunk is a liar; a chunk that two had a hand in is asked for again, of one. */
function onBad(state: ScheduleState, chunk: number): ScheduleStep {
  const from = state.begun.get(chunk)?.from ?? [];
  const [liar] = from;
  const without = throwAway(state, chunk);
  if (from.length !== 1 || liar === undefined || !state.sources.has(liar)) return stay(without);
  return move<ScheduleState, ScheduleEffect>(withoutLiar(without, liar), {
    kind: 'drop',
    source: liar,
    outcome: 'wrong-chunk',
  });
}

interface Offence {
  readonly device: DeviceId;
  readonly outcome: 'wrong-chunk' | 'protocol-broken';
  readonly at: Milliseconds;
}

function drop(state: ScheduleState, { device, outcome, at }: Offence): ScheduleStep {
  if (!state.sources.has(device)) return stay(state);
  const dropped: ScheduleEffect = { kind: 'drop', source: device, outcome };
  return andThen(move<ScheduleState, ScheduleEffect>(withoutLiar(state, device), dropped), (now) => shareOut(now, at));
}

function onTick(state: ScheduleState, { at, isHoldingBack }: ScheduleInput & { kind: 'tick' }): ScheduleStep {
  if (isHoldingBack) return stay({ ...state, sources: state.sources.map((source) => ({ ...source, usefulAt: at })) });
  const isLate = (source: SourceState) => isOverdue(source, at);
  const others = state.sources.some((source) => !source.isStalled && !isLate(source));
  const late = [...state.sources.entries()].filter(([, source]) => isLate(source));
  const step = late.reduce<ScheduleStep>(
    (before, [device, source]) => andThen(before, (now) => stall(now, { device, source, others })),
    stay(state),
  );
  return andThen(step, (now) => shareOut(now, at));
}

/** With somebody else to turn to, it keeps one chunk, to show that it is back. */
function stall(
  state: ScheduleState,
  { device, source, others }: { readonly device: DeviceId; readonly source: SourceState; readonly others: boolean },
): ScheduleStep {
  const stalled = withSource(state, device, { ...source, isStalled: true });
  const returned = others ? source.owes.slice(1) : [];
  if (returned.length === 0) return stay(stalled);
  const ranges = returned.reduce<ReturnType<typeof withRange>>(
    (all, chunk) => withRange(all, lackingBytes(state, chunk)),
    [],
  );
  return move<ScheduleState, ScheduleEffect>(takeBack(stalled, device, returned), {
    kind: 'skip',
    source: device,
    ranges,
  });
}
