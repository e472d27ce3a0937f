/** What happens in a simulation: drawn by fast-check, so that a failing one can be made smaller. */
import fc from 'fast-check';

/** Times are milliseconds from the beginning; devices are numbers, taken modulo how many there are. */
export type Deed =
  | { readonly kind: 'say'; readonly at: number; readonly device: number; readonly times: number }
  | { readonly kind: 'rename'; readonly at: number; readonly device: number }
  | { readonly kind: 'take-back'; readonly at: number; readonly device: number }
  | { readonly kind: 'announce-file'; readonly at: number; readonly device: number };

export type Fault =
  | { readonly kind: 'crash'; readonly at: number; readonly device: number; readonly ms: number }
  /** A device is on one side or the other as its bit in `sides` says. */
  | { readonly kind: 'partition'; readonly at: number; readonly sides: number; readonly ms: number }
  | { readonly kind: 'cut'; readonly at: number; readonly device: number; readonly other: number; readonly ms: number };

export interface Schedule {
  /** Of everything that is left to chance within the simulation. */
  readonly seed: number;
  readonly devices: number;
  /** The longest that a message takes, in milliseconds. */
  readonly latency: number;
  /** The longest that a write takes, in milliseconds. */
  readonly slowness: number;
  readonly deeds: readonly Deed[];
  readonly faults: readonly Fault[];
}

/** After this no deed is done, and no fault occurs; a little later everything that was cut off comes back. */
const LAST_DEED_MS = 28_000;
export const BUSY_MS = 30_000;
export const MOST_DEVICES = 6;

const at = fc.nat(LAST_DEED_MS);
const device = fc.nat(MOST_DEVICES - 1);
const ms = fc.integer({ min: 1, max: 15_000 });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('say'), at, device, times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename'), at, device: fc.constantFrom(0, 2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take-back'), at, device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('announce-file'), at, device }) },
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('crash'), at, device, ms }),
  fc.record({ kind: fc.constant('partition'), at, sides: fc.nat(2 ** MOST_DEVICES - 1), ms }),
  fc.record({ kind: fc.constant('cut'), at, device, other: device, ms }),
);

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(2 ** 31),
  devices: fc.constantFrom(2, 2, 3, 3, 3, 4, 4, MOST_DEVICES),
  latency: fc.constantFrom(0, 5, 80, 400, 2500),
  slowness: fc.constantFrom(0, 1, 20),
  deeds: fc.array(deed, { minLength: 1, maxLength: 6 }),
  faults: fc.array(fault, { maxLength: 3 }),
});
