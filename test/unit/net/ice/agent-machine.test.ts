import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ICE_CONNECTIONS, ICE_MS } from '../../../../src/limits.ts';
import { step } from '../../../../src/net/ice/agent-machine.ts';
import { agentState } from '../../../../src/net/ice/agent-state.ts';
import { pairPriority } from '../../../../src/net/ice/pairs.ts';
import { type DecodedStun, decodeStun, encodeStun } from '../../../../src/net/stun/message.ts';
import { type IceWorld, type Reach, runIce } from '../../../support/net/ice-network.ts';

const role = fc.constantFrom('controlling' as const, 'controlled' as const);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const reach = fc.array(fc.constantFrom<Reach>('works', 'refused', 'blocked'), { maxLength: 3 });
const start = fc.integer({ min: 0, max: 500 });
const tieBreakers = fc.uniqueArray(uint64, { minLength: 2, maxLength: 2 }).map(([a = 0n, b = 1n]) => ({ a, b }));
const steadyWorld: fc.Arbitrary<IceWorld> = fc.record({
  roles: fc.record({ a: role, b: role }),
  tieBreakers,
  reach: fc.record({ a: reach, b: reach }),
  meets: fc.boolean(),
  latencies: fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 5 }),
  begins: fc.record({ a: start, b: start }),
  cuts: fc.constant([]),
});
const cuts = fc.array(fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined }), { maxLength: 6 });
const anyWorld = fc.tuple(steadyWorld, cuts).map(([world, cut]) => ({ ...world, cuts: cut }));

describe('two agents', () => {
  it('end on the same connection when there is a way through, and both fail when there is none', () => {
    fc.assert(
      fc.property(steadyWorld, (world) => {
        const { selected, roles, isReachable } = runIce(world);
        expect(selected.a).toBe(selected.b);
        expect(selected.a !== undefined).toBe(isReachable);
        if (isReachable) expect(new Set([roles.a, roles.b]).size).toBe(2);
      }),
      { numRuns: 300 },
    );
  });

  it('say nothing more on a connection that the other side has selected', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        expect(runIce(world).saidTooLate).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('never hold two different connections that live, whatever is cut, and end in time', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { selected, ended, cut, endedAt } = runIce(world);
        const living = new Set(Object.values(selected).filter((number) => !cut.has(number)));
        expect(living.size).toBeLessThanOrEqual(1);
        expect(ended.size).toBe(2);
        expect(endedAt).toBeLessThanOrEqual(ICE_MS + 500);
      }),
      { numRuns: 300 },
    );
  });
});

const OWN = { ufrag: 'aaaa', pwd: 'a'.repeat(24), candidates: [] };
const PEER = { ufrag: 'bbbb', pwd: 'b'.repeat(24), candidates: [] };
const FROM = { host: '10.0.0.2', port: 4000 };

function agent() {
  const begun = step(
    agentState({ role: 'controlled', tieBreaker: 5n, local: OWN, transactionPrefix: '00'.repeat(8) }),
    { kind: 'begin', remote: PEER },
  ).state;
  return step(begun, { kind: 'accepted', connection: 'in-0', remote: FROM }).state;
}

function request(attributes: object, pwd = OWN.pwd): DecodedStun {
  const message = { class: 'request', method: 'binding', transaction: '01'.repeat(12) } as const;
  return decodeStun(encodeStun({ ...message, attributes: { username: 'aaaa:bbbb', ...attributes } }, Buffer.from(pwd)));
}

describe('an agent', () => {
  it.each([
    ['another password', request({ iceControlling: 1n }, 'c'.repeat(24))],
    ['another name', request({ iceControlling: 1n, username: 'cccc:bbbb' })],
  ])('hangs up on who has %s', (_, message) => {
    const { effects } = step(agent(), { kind: 'received', connection: 'in-0', message });
    expect(effects).toContainEqual({ kind: 'close', connection: 'in-0' });
    expect(effects.some(({ kind }) => kind === 'send')).toBe(false);
  });

  it('hangs up on further connections while there are many that have said nothing', () => {
    let state = agent();
    for (let count = 1; count < ICE_CONNECTIONS; count += 1) {
      const { state: next, effects } = step(state, { kind: 'accepted', connection: `in-${count}`, remote: FROM });
      expect(effects).toEqual([]);
      state = next;
    }
    const { effects } = step(state, { kind: 'accepted', connection: 'beyond', remote: FROM });
    expect(effects).toEqual([{ kind: 'close', connection: 'beyond' }]);
  });

  it('answers a check with the address it came from, and checks the other way', () => {
    const { effects } = step(agent(), {
      kind: 'received',
      connection: 'in-0',
      message: request({ iceControlling: 1n }),
    });
    expect(effects).toMatchObject([
      { kind: 'send', message: { class: 'success', attributes: { xorMappedAddress: FROM } } },
      { kind: 'send', message: { class: 'request', attributes: { username: 'bbbb:aaaa', iceControlled: 5n } } },
    ]);
  });

  /** It was nominated, checks the other way, and is answered by who has that password. */
  function answered(pwd: string) {
    const nomination = request({ iceControlling: 1n, useCandidate: true });
    const asked = step(agent(), { kind: 'received', connection: 'in-0', message: nomination });
    expect(asked.effects).toMatchObject([{ kind: 'send', message: { class: 'request' } }]);
    const transaction = asked.effects[0]?.kind === 'send' ? asked.effects[0].message.transaction : '';
    const success = { class: 'success', method: 'binding', transaction, attributes: {} } as const;
    const message = decodeStun(encodeStun(success, Buffer.from(pwd)));
    return { nomination, ...step(asked.state, { kind: 'received', connection: 'in-0', message }) };
  }

  it('says yes to a nomination only after its own check has succeeded', () => {
    const { nomination, effects } = answered(PEER.pwd);
    expect(effects).toMatchObject([
      { kind: 'send', message: { class: 'success', transaction: nomination.transaction } },
      { kind: 'select', connection: 'in-0', role: 'controlled' },
    ]);
  });

  it('hangs up on who answers its check without the password of the other side', () => {
    const { effects } = answered('c'.repeat(24));
    expect(effects).toContainEqual({ kind: 'close', connection: 'in-0' });
    expect(effects.map(({ kind }) => kind)).not.toContain('select');
  });

  it.each([
    ['takes the other role when the other side’s tie-breaker is smaller', 4n, 'success'],
    ['leaves it to the other side to change when that has the bigger one', 6n, 'error'],
  ])('with the same role as the other side %s', (_, theirs, answer) => {
    const { effects } = step(agent(), {
      kind: 'received',
      connection: 'in-0',
      message: request({ iceControlled: theirs }),
    });
    expect(effects[0]).toMatchObject({ kind: 'send', message: { class: answer } });
  });
});

it('pairs have the same priority on both sides', () => {
  const priority = fc.integer({ min: 1, max: 0x7fff_ffff });
  fc.assert(
    fc.property(priority, priority, (local, remote) => {
      const own = pairPriority('controlling', { local, remote });
      expect(pairPriority('controlled', { local: remote, remote: local })).toBe(own);
    }),
  );
});
