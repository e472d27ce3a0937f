/** Two ICE agents and the connections between them, on a clock of their own. What is said travels as bytes. */
import { type AgentEffect, type AgentInput, step } from '../../../src/net/ice/agent-machine.ts';
import { type AgentState, agentState } from '../../../src/net/ice/agent-state.ts';
import type { IceRole } from '../../../src/net/ice/pairs.ts';
import { type Candidate, tcpPriority } from '../../../src/net/signalling/candidate.ts';
import { decodeStun, encodeStun } from '../../../src/net/stun/message.ts';

export type Side = 'a' | 'b';

/** What becomes of one side's try to connect to one of the other's addresses. */
export type Reach = 'works' | 'refused' | 'blocked';

export interface IceWorld {
  readonly roles: Readonly<Record<Side, IceRole>>;
  readonly tieBreakers: Readonly<Record<Side, bigint>>;
  /** Of each address the other side listens at. */
  readonly reach: Readonly<Record<Side, readonly Reach[]>>;
  /** Whether simultaneous-open ends meet. */
  readonly meets: boolean;
  /** Milliseconds; taken in turns. */
  readonly latencies: readonly number[];
  /** When each side hears of the other. */
  readonly begins: Readonly<Record<Side, number>>;
  /** Milliseconds after it came up at which a connection, by number, dies. */
  readonly cuts: readonly (number | undefined)[];
}

interface Wire {
  readonly number: number;
  readonly latency: number;
  readonly ids: Readonly<Record<Side, string>>;
  isCut: boolean;
}

export interface IceOutcome {
  /** The number of the connection that was selected. */
  readonly selected: Partial<Record<Side, number>>;
  readonly roles: Partial<Record<Side, IceRole>>;
  readonly ended: ReadonlySet<Side>;
  readonly cut: ReadonlySet<number>;
  /** Whether there was a way through at all. */
  readonly isReachable: boolean;
  /** What was said to a side on the connection that it had selected already. */
  readonly saidTooLate: number;
  readonly endedAt: number;
}

const SIDES = ['a', 'b'] as const;
const HOST: Readonly<Record<Side, string>> = { a: '10.0.0.1', b: '10.0.0.2' };
const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');
const LONGEST_MS = 60_000;

export function runIce(world: IceWorld): IceOutcome {
  return new IceNetwork(world).run();
}

class IceNetwork {
  readonly #world: IceWorld;
  readonly #states: Record<Side, AgentState>;
  readonly #agenda: { at: number; order: number; run: () => void }[] = [];
  readonly #wires: Wire[] = [];
  readonly #waitingToMeet = new Map<Side, string>();
  readonly #selected: Partial<Record<Side, Wire>> = {};
  readonly #roles: Partial<Record<Side, IceRole>> = {};
  readonly #ended = new Set<Side>();
  #now = 0;
  #order = 0;
  #saidTooLate = 0;

  constructor(world: IceWorld) {
    this.#world = world;
    const start = (side: Side) =>
      agentState({
        role: world.roles[side],
        tieBreaker: world.tieBreakers[side],
        local: { ...credentialsOf(side), candidates: this.#candidatesOf(side) },
        transactionPrefix: side.repeat(16),
      });
    this.#states = { a: start('a'), b: start('b') };
  }

  run(): IceOutcome {
    for (const side of SIDES) {
      const remote = { ...credentialsOf(other(side)), candidates: this.#candidatesOf(other(side)) };
      this.#after(this.#world.begins[side], () => this.#feed(side, { kind: 'begin', remote }));
    }
    let endedAt = 0;
    for (let next = this.#agenda.shift(); next && next.at < LONGEST_MS; next = this.#agenda.shift()) {
      this.#now = next.at;
      if (this.#ended.size < 2) endedAt = next.at;
      next.run();
      this.#agenda.sort((x, y) => x.at - y.at || x.order - y.order);
    }
    const selected: IceOutcome['selected'] = {};
    for (const side of SIDES) {
      const wire = this.#selected[side];
      if (wire) selected[side] = wire.number;
    }
    const cut = new Set(this.#wires.filter(({ isCut }) => isCut).map(({ number }) => number));
    const { reach, meets } = this.#world;
    const isReachable = meets || SIDES.some((side) => reach[side].includes('works'));
    return {
      selected,
      roles: this.#roles,
      ended: this.#ended,
      cut,
      isReachable,
      saidTooLate: this.#saidTooLate,
      endedAt,
    };
  }

  /** As many passive addresses as the other side's reach speaks of; and both other kinds. */
  #candidatesOf(side: Side): readonly Candidate[] {
    const address = HOST[side];
    const passive = this.#world.reach[other(side)].map(
      (_, at): Candidate => ({
        ...{ transport: 'tcp', type: 'host', tcpType: 'passive', address, port: 1000 + at },
        priority: tcpPriority('host', 'passive') - at * 256,
      }),
    );
    const active: Candidate = {
      ...{ transport: 'tcp', type: 'host', tcpType: 'active', address, port: 9 },
      priority: tcpPriority('host', 'active'),
    };
    const so: Candidate = {
      ...{ transport: 'tcp', type: 'srflx', tcpType: 'so', address, port: 500 },
      priority: tcpPriority('srflx', 'so'),
    };
    return [...passive, active, so];
  }

  #after(ms: number, run: () => void): void {
    this.#order += 1;
    this.#agenda.push({ at: this.#now + ms, order: this.#order, run });
    this.#agenda.sort((x, y) => x.at - y.at || x.order - y.order);
  }

  #feed(side: Side, input: AgentInput): void {
    const { state, effects } = step(this.#states[side], input);
    this.#states[side] = state;
    for (const effect of effects) this.#perform(side, effect);
  }

  #perform(side: Side, effect: AgentEffect): void {
    switch (effect.kind) {
      case 'connect':
        if (effect.pair.local.tcpType === 'so') this.#meet(side, effect.connection);
        else this.#dial(side, effect.connection, effect.pair.remote.port - 1000);
        break;
      case 'send':
        this.#send(side, effect.connection, encodeStun(effect.message, effect.key));
        break;
      case 'close':
        this.#close(side, effect.connection);
        break;
      case 'wake-after':
        this.#after(effect.ms, () => this.#feed(side, { kind: 'woken', timer: effect.timer }));
        break;
      case 'select':
        this.#select(side, effect.connection);
        this.#roles[side] = effect.role;
        this.#ended.add(side);
        break;
      case 'fail':
        this.#ended.add(side);
        break;
      case 'exhausted':
        break;
      default:
        throw new TypeError('an effect that nobody performs');
    }
  }

  #select(side: Side, connection: string): void {
    const wire = this.#wireOf(side, connection);
    if (wire) this.#selected[side] = wire;
  }

  #dial(side: Side, connection: string, at: number): void {
    const reach = this.#world.reach[side][at];
    if (reach === 'blocked') return;
    const latency = this.#latency();
    this.#after(latency * 2, () => {
      if (reach === 'refused') this.#feed(side, { kind: 'closed', connection });
      else
        this.#connect({ [side]: connection, [other(side)]: `in-${this.#wires.length}` } as Wire['ids'], latency, side);
    });
  }

  #meet(side: Side, connection: string): void {
    const counterpart = this.#waitingToMeet.get(other(side));
    this.#waitingToMeet.set(side, connection);
    if (!this.#world.meets || counterpart === undefined) return;
    const ids = { [side]: connection, [other(side)]: counterpart } as Wire['ids'];
    const latency = this.#latency();
    this.#after(latency, () => this.#connect(ids, latency, undefined));
  }

  #connect(ids: Wire['ids'], latency: number, dialler: Side | undefined): void {
    const wire: Wire = { number: this.#wires.length, latency, ids, isCut: false };
    this.#wires.push(wire);
    for (const side of SIDES) {
      const kind = dialler === undefined || dialler === side ? 'opened' : 'accepted';
      this.#feed(side, { kind, connection: ids[side], remote: { host: HOST[other(side)], port: 9000 + wire.number } });
    }
    const cut = this.#world.cuts[wire.number];
    if (cut !== undefined) this.#after(cut, () => this.#cut(wire));
  }

  #send(side: Side, connection: string, bytes: Uint8Array): void {
    const wire = this.#wireOf(side, connection);
    if (wire === undefined) throw new TypeError('it speaks on a connection that is not up');
    const to = other(side);
    this.#after(wire.latency, () => {
      if (wire.isCut) return;
      if (this.#selected[to] === wire) this.#saidTooLate += 1;
      this.#feed(to, { kind: 'received', connection: wire.ids[to], message: decodeStun(bytes) });
    });
  }

  #close(side: Side, connection: string): void {
    const wire = this.#wireOf(side, connection);
    if (wire === undefined) return;
    const to = other(side);
    this.#after(wire.latency, () => this.#feed(to, { kind: 'closed', connection: wire.ids[to] }));
  }

  #cut(wire: Wire): void {
    wire.isCut = true;
    for (const side of SIDES) this.#feed(side, { kind: 'closed', connection: wire.ids[side] });
  }

  #wireOf(side: Side, connection: string): Wire | undefined {
    return this.#wires.find(({ ids }) => ids[side] === connection);
  }

  #latency(): number {
    const { latencies } = this.#world;
    this.#order += 1;
    return latencies[this.#order % latencies.length] ?? 1;
  }
}

function credentialsOf(side: Side): { readonly ufrag: string; readonly pwd: string } {
  return { ufrag: side.repeat(4), pwd: side.repeat(24) };
}
