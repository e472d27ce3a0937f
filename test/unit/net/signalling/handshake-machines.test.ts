/** Dialer's and answerer's machines together, with the world between them doing things in any order it likes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CANDIDATES_BACK_MS } from '../../../../src/limits.ts';
import type { PathKind } from '../../../../src/net/net.ts';
import {
  type AnswerEffect,
  type AnswerInput,
  answerState,
  step as stepAnswer,
} from '../../../../src/net/signalling/answer-machine.ts';
import type { Description } from '../../../../src/net/signalling/description.ts';
import {
  type DialEffect,
  type DialInput,
  type DialOutcome,
  dialState,
  step as stepDial,
} from '../../../../src/net/signalling/dial-machine.ts';
import type { Signal } from '../../../../src/net/signalling/signal.ts';

const UDP_ADDRESS = { transport: 'udp', type: 'host', address: '127.0.0.1', port: 1, priority: 1 } as const;
const TCP_ADDRESS = { ...UDP_ADDRESS, transport: 'tcp', tcpType: 'passive' } as const;

function description(path: PathKind): Description {
  const candidates = [path === 'tcp' ? TCP_ADDRESS : UDP_ADDRESS];
  return { ufrag: 'ufrag', pwd: 'p'.repeat(32), candidates, fingerprint: undefined };
}

/** What the network between the two lets through. */
interface Weather {
  readonly kinds: { readonly dialer: readonly PathKind[]; readonly answerer: readonly PathKind[] };
  /** Whose TCP connections get through. */
  readonly tcp: { readonly fromDialer: boolean; readonly fromAnswerer: boolean };
  readonly udp: boolean;
}

type Happening = () => void;

/** Everything that is under way; `choose` says what happens next. Timers only run out when nothing else can happen. */
class World {
  readonly nominations: PathKind[] = [];
  outcome: DialOutcome | undefined;
  answererLinkedOn: PathKind | undefined;
  #dial;
  #answer;
  readonly #weather: Weather;
  readonly #toAnswerer: Signal[] = [];
  readonly #toDialer: Signal[] = [];
  readonly #pending: Happening[] = [];
  readonly #timers: { readonly ms: number; readonly fire: Happening }[] = [];
  readonly #abandonedByAnswerer = new Set<PathKind>();

  constructor(weather: Weather) {
    this.#weather = weather;
    const plans = weather.kinds.dialer.map((path, index) => ({
      path,
      id: index + 1,
      holdsCandidatesBack: path === 'udp',
    }));
    this.#dial = dialState(plans);
    this.#answer = answerState(weather.kinds.answerer);
    this.toDial({ kind: 'begin' });
    this.toAnswer({ kind: 'begin' });
  }

  /** One thing that can happen now, or the next timer. False when all is quiet. */
  happen(choose: (count: number) => number): boolean {
    const possible: Happening[] = [...this.#pending.keys()].map((at) => () => this.#pending.splice(at, 1)[0]?.());
    const [atAnswerer, atDialer] = [this.#toAnswerer, this.#toDialer];
    if (atAnswerer.length > 0)
      possible.push(() => this.#deliver(atAnswerer, (signal) => this.toAnswer({ kind: 'received', signal })));
    if (atDialer.length > 0)
      possible.push(() => this.#deliver(atDialer, (signal) => this.toDial({ kind: 'received', signal })));
    if (possible.length > 0) {
      possible[choose(possible.length)]?.();
      return true;
    }
    this.#timers.sort((a, b) => a.ms - b.ms);
    const timer = this.#timers.shift();
    timer?.fire();
    return timer !== undefined;
  }

  toDial(input: DialInput): void {
    const { state, effects } = stepDial(this.#dial, input);
    this.#dial = state;
    for (const effect of effects) this.#performForDialer(effect);
  }

  toAnswer(input: AnswerInput): void {
    const { state, effects } = stepAnswer(this.#answer, input);
    this.#answer = state;
    for (const effect of effects) this.#performForAnswerer(effect);
  }

  #deliver(queue: Signal[], receive: (signal: Signal) => void): void {
    const signal = queue.shift();
    if (signal) receive(signal);
  }

  #performForDialer(effect: DialEffect): void {
    switch (effect.kind) {
      case 'describe':
        this.#pending.push(() =>
          this.toDial({ kind: 'described', path: effect.path, description: description(effect.path) }),
        );
        break;
      case 'send':
        this.#toAnswerer.push(effect.signal);
        break;
      case 'connect':
        if (effect.path === 'tcp' && this.#weather.tcp.fromDialer) this.#secure('tcp');
        if (effect.path === 'tcp' && !this.#weather.tcp.fromDialer)
          this.#pending.push(() => this.toDial({ kind: 'own-tries-failed', path: 'tcp', reason: 'refused' }));
        break;
      case 'nominate':
        expect(this.#isNominating).toBe(false);
        this.#isNominating = true;
        this.nominations.push(effect.path);
        this.#pending.push(() => this.#arriveNomination(effect.path));
        break;
      case 'wake-after':
        this.#timers.push({ ms: effect.ms, fire: () => this.toDial({ kind: 'woken', timer: effect.timer }) });
        break;
      case 'finish':
        expect(this.outcome).toBeUndefined();
        this.outcome = effect.outcome;
        break;
      case 'abandon':
        break;
    }
  }

  #performForAnswerer(effect: AnswerEffect): void {
    switch (effect.kind) {
      case 'describe':
        this.#pending.push(() =>
          this.toAnswer({ kind: 'described', path: effect.path, description: description(effect.path) }),
        );
        break;
      case 'send':
        this.#toDialer.push(effect.signal);
        break;
      case 'connect':
        if (effect.path === 'tcp' && this.#weather.tcp.fromAnswerer) this.#secure('tcp');
        if (effect.path === 'tcp' && !this.#weather.tcp.fromAnswerer)
          this.#pending.push(() => this.toAnswer({ kind: 'path-failed', path: 'tcp', reason: 'refused' }));
        break;
      case 'add-candidates':
        if (this.#weather.udp) this.#secure('udp');
        break;
      case 'abandon':
        this.#abandonedByAnswerer.add(effect.path);
        break;
      case 'wake-after':
        this.#timers.push({ ms: effect.ms, fire: () => this.toAnswer({ kind: 'woken', timer: effect.timer }) });
        break;
      case 'finish':
        break;
    }
  }

  #isNominating = false;

  #secure(path: PathKind): void {
    this.#pending.push(() => this.toDial({ kind: 'secured', path }));
  }

  #arriveNomination(path: PathKind): void {
    this.#isNominating = false;
    if (this.#abandonedByAnswerer.has(path)) {
      this.toDial({ kind: 'path-failed', path, reason: 'gone' });
      return;
    }
    this.answererLinkedOn = path;
    this.toAnswer({ kind: 'agreed', path });
    this.toDial({ kind: 'agreed', path });
  }
}

const anyKinds = fc.subarray<PathKind>(['tcp', 'udp'], { minLength: 1 });
const anyWeather: fc.Arbitrary<Weather> = fc.record({
  kinds: fc.record({ dialer: anyKinds, answerer: anyKinds }),
  tcp: fc.record({ fromDialer: fc.boolean(), fromAnswerer: fc.boolean() }),
  udp: fc.boolean(),
});
const anyChoices = fc.infiniteStream(fc.nat());

function run(world: World, choices: Iterator<number>): void {
  const choose = (count: number) => (choices.next().value as number) % count;
  for (let steps = 0; world.happen(choose); steps += 1) expect(steps).toBeLessThan(200);
}

describe('a dial and its answer', () => {
  it('end with a link on both ends, whatever overtakes what, as soon as one side gets through by TCP', () => {
    fc.assert(
      fc.property(anyWeather, anyChoices, (weather, choices) => {
        const tcp = { ...weather.tcp, fromAnswerer: weather.tcp.fromAnswerer || !weather.tcp.fromDialer };
        const world = new World({ ...weather, tcp, kinds: { dialer: ['tcp', 'udp'], answerer: ['tcp', 'udp'] } });
        run(world, choices);
        expect(world.outcome?.kind).toBe('linked');
        expect(world.outcome).toMatchObject({ path: world.answererLinkedOn });
      }),
    );
  });

  it('end in every weather: linked if a path both know works, else with a reason for each path', () => {
    fc.assert(
      fc.property(anyWeather, anyChoices, (weather, choices) => {
        const world = new World(weather);
        run(world, choices);
        const common = weather.kinds.dialer.filter((kind) => weather.kinds.answerer.includes(kind));
        const works = common.some((kind) =>
          kind === 'tcp' ? weather.tcp.fromDialer || weather.tcp.fromAnswerer : weather.udp,
        );
        if (works) expect(world.outcome).toEqual({ kind: 'linked', path: world.answererLinkedOn });
        else expect(world.outcome).toMatchObject({ kind: 'unreachable' });
        if (world.outcome?.kind === 'unreachable')
          for (const kind of weather.kinds.dialer) expect(world.outcome.tried).toContain(`${kind}: `);
      }),
    );
  });

  it('hold the dialer’s UDP candidates back until the answer is there, and a moment longer', () => {
    const offered = stepDial(
      stepDial(dialState([{ path: 'udp', id: 5, holdsCandidatesBack: true }]), { kind: 'begin' }).state,
      {
        kind: 'described',
        path: 'udp',
        description: description('udp'),
      },
    );
    expect(offered.effects).toMatchObject([
      { kind: 'send', signal: { kind: 'offer', description: { candidates: [] } } },
    ]);
    const signal: Signal = { kind: 'answer', id: 5, connType: 'udp', description: description('udp') };
    const answered = stepDial(offered.state, { kind: 'received', signal });
    expect(answered.effects).toMatchObject([
      { kind: 'connect', path: 'udp' },
      { kind: 'wake-after', timer: 'udp candidates', ms: CANDIDATES_BACK_MS },
    ]);
    expect(stepDial(answered.state, { kind: 'woken', timer: 'udp candidates' }).effects).toMatchObject([
      { kind: 'send', signal: { kind: 'candidates', id: 5, description: { candidates: [UDP_ADDRESS] } } },
    ]);
  });

  it('give UDP its turn a head start later, or at once when TCP has failed', () => {
    const plans = [
      { path: 'tcp', id: 1, holdsCandidatesBack: false },
      { path: 'udp', id: 2, holdsCandidatesBack: true },
    ] as const;
    const begun = stepDial(dialState(plans), { kind: 'begin' });
    expect(begun.effects).toMatchObject([
      { kind: 'describe', path: 'tcp' },
      { kind: 'wake-after', timer: 'tcp' },
      { kind: 'wake-after', timer: 'head-start' },
    ]);
    const describeUdp = expect.objectContaining({ kind: 'describe', path: 'udp' });
    expect(stepDial(begun.state, { kind: 'woken', timer: 'head-start' }).effects).toContainEqual(describeUdp);
    const failed = stepDial(begun.state, { kind: 'path-failed', path: 'tcp', reason: 'no port' });
    expect(failed.effects).toContainEqual(describeUdp);
  });

  it('answer a repeated offer, or a second one of the same kind, only once', () => {
    const offer: Signal = { kind: 'offer', id: 9, connType: 'tcp', description: description('tcp') };
    const first = stepAnswer(answerState(['tcp']), { kind: 'received', signal: offer });
    expect(first.effects).toMatchObject([{ kind: 'describe', path: 'tcp' }]);
    expect(stepAnswer(first.state, { kind: 'received', signal: offer }).effects).toEqual([]);
    expect(stepAnswer(first.state, { kind: 'received', signal: { ...offer, id: 10 } }).effects).toEqual([]);
  });
});

const anyPath = fc.constantFrom<PathKind>('tcp', 'udp');
const anyReason = fc.constant('whatever');
const anyDescription = anyPath.map(description);
const anySignal: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('offer' as const, 'answer' as const, 'candidates' as const),
    id: fc.integer({ min: 1, max: 4 }),
    connType: anyPath,
    description: anyDescription,
  }),
  fc.record({
    kind: fc.constant('no-path' as const),
    id: fc.integer({ min: 1, max: 4 }),
    connType: anyPath,
    reason: anyReason,
  }),
);
const anyDialInput: fc.Arbitrary<DialInput> = fc.oneof(
  fc.constantFrom<DialInput>({ kind: 'begin' }, { kind: 'signalling-ended' }),
  fc.record({ kind: fc.constant('described' as const), path: anyPath, description: anyDescription }),
  fc.record({ kind: fc.constant('received' as const), signal: anySignal }),
  fc.record({ kind: fc.constantFrom('secured' as const, 'agreed' as const), path: anyPath }),
  fc.record({
    kind: fc.constantFrom('path-failed' as const, 'own-tries-failed' as const, 'turned-away' as const),
    path: anyPath,
    reason: anyReason,
  }),
  fc.record({
    kind: fc.constant('woken' as const),
    timer: fc.constantFrom('head-start' as const, 'tcp' as const, 'udp' as const),
  }),
);
const anyAnswerInput: fc.Arbitrary<AnswerInput> = fc.oneof(
  fc.constantFrom<AnswerInput>({ kind: 'begin' }, { kind: 'woken', timer: 'session' }),
  fc.record({ kind: fc.constant('described' as const), path: anyPath, description: anyDescription }),
  fc.record({ kind: fc.constant('received' as const), signal: anySignal }),
  fc.record({ kind: fc.constant('agreed' as const), path: anyPath }),
  fc.record({ kind: fc.constant('path-failed' as const), path: anyPath, reason: anyReason }),
  fc.record({ kind: fc.constant('woken' as const), timer: anyPath }),
);

describe('either machine', () => {
  it('dials in any mess of inputs: one nomination at a time, one finish, silence afterwards', () => {
    const plans = [
      { path: 'tcp', id: 1, holdsCandidatesBack: false },
      { path: 'udp', id: 2, holdsCandidatesBack: true },
    ] as const;
    fc.assert(
      fc.property(fc.array(anyDialInput, { maxLength: 40 }), (inputs) => {
        let state = dialState(plans);
        let nominated: PathKind | undefined;
        let hasFinished = false;
        for (const input of inputs) {
          const next = stepDial(state, input);
          if (hasFinished) expect(next.effects).toEqual([]);
          for (const effect of next.effects) {
            if (effect.kind === 'abandon' && effect.path === nominated) nominated = undefined;
            if (effect.kind === 'nominate') {
              expect(nominated).toBeUndefined();
              nominated = effect.path;
            }
            if (effect.kind === 'finish') hasFinished = true;
          }
          state = next.state;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('answers in any mess of inputs: each offer once, one finish, silence afterwards', () => {
    fc.assert(
      fc.property(fc.array(anyAnswerInput, { maxLength: 40 }), (inputs) => {
        let state = answerState(['tcp', 'udp']);
        const answered: number[] = [];
        let hasFinished = false;
        for (const input of inputs) {
          const next = stepAnswer(state, input);
          if (hasFinished) expect(next.effects).toEqual([]);
          for (const effect of next.effects) {
            if (effect.kind === 'send' && effect.signal.kind === 'answer') answered.push(effect.signal.id);
            if (effect.kind === 'finish') hasFinished = true;
          }
          state = next.state;
        }
        expect(new Set(answered).size).toBe(answered.length);
      }),
      { numRuns: 2000 },
    );
  });
});
