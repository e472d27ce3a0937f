import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../../../../src/limits.ts';
import { LINK_KINDS, type Policy } from '../../../../src/projections/policy/policy.ts';
import { OWN_OTHER, PEOPLE, TwoPlans, WHAT } from '../../../support/projections/two-plans.ts';

const conversations = fc.nat({ max: 1 });
const people = fc.constantFrom(...PEOPLE);
const others = fc.constantFrom(1, 2, 3, 4);
/** One more of them is a device of the same account, which has committed nothing. */
const devices = fc.constantFrom(1, 2, 3, 4, 5);
const picks = fc.nat({ max: 200 });
const events: fc.Arbitrary<(plans: TwoPlans) => void> = fc.oneof(
  fc
    .record({
      size: fc.constantFrom(3, 100_000, 8 * CHUNK_BYTES),
      by: people,
      isPicture: fc.boolean(),
      n: conversations,
    })
    .map((file) => (plans: TwoPlans) => plans.announce(file.n, { ...file, count: 1 })),
  fc
    .record({ size: fc.constantFrom(3, 100_000), by: others, n: conversations })
    .map((file) => (plans: TwoPlans) => plans.announce(file.n, { ...file, isPicture: true, count: 70 })),
  picks.map((pick) => (plans: TwoPlans) => plans.takeBack(pick)),
  fc.tuple(conversations, others).map(
    ([n, by]) =>
      (plans: TwoPlans) =>
        plans.ban(n, by),
  ),
  ...[1, 2].map(() =>
    fc.tuple(devices, fc.constantFrom(...LINK_KINDS)).map(
      ([by, kind]) =>
        (plans: TwoPlans) =>
          plans.link(by, kind),
    ),
  ),
  fc.constantFrom(undefined, 50_000, 250_000, 100_000_000).map((free) => (plans: TwoPlans) => {
    plans.free = free;
  }),
  devices.map((by) => (plans: TwoPlans) => plans.unlink(by)),
  devices.map((by) => (plans: TwoPlans) => plans.revoke(by)),
  devices.map((by) => (plans: TwoPlans) => plans.see(by)),
  fc
    .record({ n: conversations, by: devices, has: fc.array(picks), lacks: fc.array(picks), isAll: fc.boolean() })
    .map((told) => (plans: TwoPlans) => plans.tell(told.n, told)),
  ...[1, 2, 3].map(() =>
    fc.tuple(picks, devices, fc.constantFrom(...WHAT)).map(
      ([pick, by, what]) =>
        (plans: TwoPlans) =>
          plans.happen(pick, by, what),
    ),
  ),
  ...[1, 2, 3].map(() =>
    fc.tuple(picks, fc.option(fc.constantFrom(...WHAT), { nil: undefined })).map(
      ([pick, what]) =>
        (plans: TwoPlans) =>
          plans.end(pick, what),
    ),
  ),
  fc.constantFrom(1, 100, 3_000, 40_000, 1_000_000, 4_000_000).map((ms) => (plans: TwoPlans) => {
    plans.now += ms;
  }),
);

const policies: fc.Arbitrary<Policy> = fc.constantFrom<Policy>(
  { auto: 'pictures' },
  { auto: 'all', reserve: 0, quota: { total: 450_000, perConversation: 250_000 } },
  { auto: 'pictures', rules: [{ when: { over: ['relay'] }, do: 'ask' }] },
);

describe('the live plan', () => {
  it.each([3, 100_000, 8 * CHUNK_BYTES])(
    'gives the slots of files of %i bytes free when who was asked is gone',
    (size) => {
      const plans = new TwoPlans();
      plans.announce(0, { size, by: 1, isPicture: true, count: 5 });
      plans.link(1);
      expect(plans.step().live).not.toEqual([]);
      plans.unlink(1);
      const { live, anew } = plans.step();
      expect(live).not.toEqual([]);
      expect(live).toEqual(anew);
    },
  );

  it('wakes when the answer of a device is overdue that was banned meanwhile', () => {
    const plans = new TwoPlans();
    plans.announce(0, { size: 3, by: 1, isPicture: true, count: 1 });
    plans.happen(0, 4, 'asked');
    plans.ban(0, 4);
    const { live, wakeAt = 0 } = plans.step();
    expect(live).toEqual([]);
    expect(plans.askedAt(wakeAt - 1)).toEqual([]);
    expect(plans.askedAt(wakeAt)).not.toEqual([]);
  });

  it('wakes when the turn has come of a device that was asked before it was known to be a source', () => {
    const plans = new TwoPlans();
    plans.announce(0, { size: 3, by: 1, isPicture: true, count: 1 });
    plans.happen(0, OWN_OTHER, 'no-answer');
    plans.step();
    plans.link(OWN_OTHER);
    const { live, wakeAt = 0 } = plans.step();
    expect(live).toEqual([]);
    expect(plans.askedAt(wakeAt - 1)).toEqual([]);
    expect(plans.askedAt(wakeAt)).toHaveLength(1);
  });

  it('notices that a link is of another kind, though it came up in the same moment', () => {
    const plans = new TwoPlans({ auto: 'all', rules: [{ when: { over: ['relay'] }, do: 'ask' }] });
    plans.announce(0, { size: 3, by: 1, isPicture: true, count: 1 });
    plans.link(1, 'relay');
    plans.step();
    plans.link(1, 'lan');
    const { live, anew } = plans.step();
    expect(live).not.toEqual([]);
    expect(live).toEqual(anew);
  });

  it('has room for a file that is dialled for: it was set aside when the dialling began', () => {
    const plans = new TwoPlans({ auto: 'all', quota: { total: 100_000 } });
    plans.announce(0, { size: 100_000, by: 1, isPicture: true, count: 1 });
    expect(plans.step().live).toHaveLength(1);
    plans.link(2);
    const { live, anew, heldBack } = plans.step();
    expect(live).toHaveLength(1);
    expect(live).toEqual(anew);
    expect(heldBack).toEqual([]);
  });

  it('asks nobody more for a file under way while the disk is below its reserve, and goes on when there is room', () => {
    const plans = new TwoPlans({ auto: 'all', reserve: 1_000_000_000 });
    plans.free = 2_000_000_000;
    plans.announce(0, { size: 8 * CHUNK_BYTES, by: 1, isPicture: true, count: 1 });
    for (const by of [1, OWN_OTHER]) plans.link(by);
    plans.tell(0, { by: OWN_OTHER, has: [0], lacks: [], isAll: true });
    expect(plans.step().live).toHaveLength(2);
    // The first one is stopped for want of room, and its next turn comes while the second one still sends.
    plans.free = 999_999_999;
    plans.happen(0, OWN_OTHER, 'sending');
    plans.end(0, 'interrupted');
    plans.now += 4_000_000;
    const short = plans.step();
    expect(short.live).toEqual([]);
    expect(short.anew).toEqual([]);
    plans.free = 2_000_000_000;
    const enough = plans.step();
    expect(enough.live).toHaveLength(1);
    expect(enough.live).toEqual(enough.anew);
  });

  it('counts the room of a file once, however many devices are asked for it', () => {
    const plans = new TwoPlans({ auto: 'all', quota: { total: 250_000 } });
    plans.announce(0, { size: 100_000, by: 1, isPicture: true, count: 3 });
    expect(plans.step().live).toHaveLength(2);
    // The second request ends without a word; the first file is asked of a linked device, beside the one that is dialled.
    plans.end(1, undefined);
    plans.link(2);
    const { live, anew } = plans.step();
    expect(live).toHaveLength(2);
    expect(live).toEqual(anew);
  });

  it('asks whom a plan that is made anew would ask, whatever happened, and wakes in time', () => {
    fc.assert(
      fc.property(
        policies,
        fc.array(fc.tuple(events, fc.boolean()), { minLength: 1, maxLength: 60 }),
        (policy, happened) => {
          const plans = new TwoPlans(policy);
          for (const [event, isPlanned] of happened) {
            event(plans);
            if (!isPlanned) continue;
            const { live, anew, heldBack, wakeAt } = plans.step();
            expect(live).toEqual(anew);
            expect(heldBack).toEqual([]);
            expect(plans.step().live).toEqual([]);
            if (wakeAt !== undefined) expect(wakeAt).toBeGreaterThan(plans.now);
            expect(plans.askedAt((wakeAt ?? plans.now + 10_000_000) - 1)).toEqual([]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
