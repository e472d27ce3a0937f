/** What happens in a simulation: drawn by fast-check, so that a failing one can be made smaller. */
import fc from 'fast-check';

/** Times are milliseconds from the beginning; devices are numbers, taken modulo how many there are. */
export type Deed =
  | { readonly kind: 'say'; readonly at: number; readonly device: number; readonly times: number }
  | { readonly kind: 'rename'; readonly at: number; readonly device: number }
  /** By both of the founder's devices, each in its own way. */
  | { readonly kind: 'rename-at-once'; readonly at: number }
  | { readonly kind: 'take-back'; readonly at: number; readonly device: number }
  | { readonly kind: 'announce-file'; readonly at: number; readonly device: number }
  /** Its account goes, with all its devices. */
  | { readonly kind: 'leave'; readonly at: number; readonly device: number }
  | Vote;

/** A device of the founder, the only admin, votes on another device, or on the account of that device, and carries it out. */
export interface Vote {
  readonly kind: 'ban' | 'unban';
  readonly at: number;
  readonly device: number;
  readonly target: number;
  readonly isOfDevice: boolean;
}

export type Fault =
  | { readonly kind: 'crash'; readonly at: number; readonly device: number; readonly ms: number }
  /** A device is on one side or the other as its bit in `sides` says. */
  | { readonly kind: 'partition'; readonly at: number; readonly sides: number; readonly ms: number }
  | { readonly kind: 'cut'; readonly at: number; readonly device: number; readonly other: number; readonly ms: number };

export interface Schedule {
  /** Of everything that is left to chance within the simulation. */
  readonly seed: number;
  readonly devices: number;
  /** Whether all devices are linked with the first one only, and not with each other; not so when absent. */
  readonly isHub?: boolean;
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

/** The founder's devices, and those of others. */
export const FOUNDERS_DEVICES = [0, 2];
const [adminDevice, otherDevice] = [fc.constantFrom(...FOUNDERS_DEVICES), fc.constantFrom(1, 3, 4, 5)];
const vote = (kind: Vote['kind']) =>
  fc.record({ kind: fc.constant(kind), at, device: adminDevice, target: otherDevice, isOfDevice: fc.boolean() });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('say'), at, device, times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename'), at, device: adminDevice }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename-at-once'), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take-back'), at, device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('announce-file'), at, device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave'), at, device: otherDevice }) },
  { weight: 2, arbitrary: vote('ban') },
  { weight: 2, arbitrary: vote('unban') },
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('crash'), at, device, ms }),
  fc.record({ kind: fc.constant('partition'), at, sides: fc.nat(2 ** MOST_DEVICES - 1), ms }),
  fc.record({ kind: fc.constant('cut'), at, device, other: device, ms }),
);

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(2 ** 31),
  devices: fc.constantFrom(2, 2, 3, 3, 3, 4, 4, MOST_DEVICES),
  isHub: fc.constantFrom(false, false, true),
  latency: fc.constantFrom(0, 5, 80, 400, 2500),
  slowness: fc.constantFrom(0, 1, 20),
  deeds: fc.array(deed, { minLength: 1, maxLength: 6 }),
  faults: fc.array(fault, { maxLength: 3 }),
});
