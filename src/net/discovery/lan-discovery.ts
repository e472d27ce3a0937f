import { SyncError } from '../../errors.ts';
import { LAN_ANSWER_PAUSE_MS, LAN_LOOK_UP_MS, LAN_QUIET_MS, LOOK_UP_RESULTS } from '../../limits.ts';
import type { Clock, Log, Milliseconds } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { OwnAddresses } from '../addresses/own-addresses.ts';
import { isLinkLocal } from '../ip-address.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import type { Claimant, Discovery } from './discovery.ts';
import { lanName, lanNamesAround, lanPeriod } from './lan-name.ts';
import { lanPlaces } from './lan-place.ts';
import type { LanSignals } from './lan-signals-adapter.ts';
import { createLocalPosts, type LocalPostsOptions } from './local-posts.ts';

export interface LanDiscoveryOptions {
  /** What this device is found under. */
  readonly topics: readonly Uint8Array[];
  /** Where it listens for signals, and how it reaches others. */
  readonly signals: Pick<LanSignals, 'portAt' | 'connect'>;
  readonly own: OwnAddresses;
  readonly clock: Clock;
  readonly log: Log;
  readonly openPost: LocalPostsOptions['openPost'];
}

export interface LanDiscovery extends Discovery {
  /** Speaks where this device is now. Nothing is said to the old places: nobody remembers what was answered there. */
  update(): Promise<void>;
  close(): Promise<void>;
}

/** Those who answer to a name that is being asked for. */
type Collect = (address: Address) => void;

/**
 * Finds devices on the local network by multicast, with no other machine's help. It says something only to who asks for a
 * name of this device, and hears only answers to what it asked itself.
 */
export async function createLanDiscovery(options: LanDiscoveryOptions): Promise<LanDiscovery> {
  const { topics, signals, own, clock, log, openPost } = options;
  const asking = new Map<string, Set<Collect>>();
  let answeredAt = new Map<string, Milliseconds>();
  /** Made once for each period: anybody may ask for anything, and as often as they like. */
  let ownNames = namesOf(topics, clock.now());

  function onQuestion(name: string): void {
    const now = clock.now();
    if (ownNames.period !== lanPeriod(now)) ownNames = namesOf(topics, now);
    if (!ownNames.names.has(name)) return;
    const last = answeredAt.get(name);
    if (last !== undefined && now - last < LAN_ANSWER_PAUSE_MS) return;
    // Names that are over need not be remembered.
    if (answeredAt.size > topics.length * NAMES_AT_ONCE) answeredAt = new Map();
    answeredAt.set(name, now);
    posts.answer(name);
  }

  function onAnswer(name: string, address: Address): void {
    const [bare = ''] = address.host.split('%');
    const isOwn = own.all().some((known) => known.host === bare && signals.portAt(known) === address.port);
    // What comes from a link-local address comes from the link.
    const isNeighbour = bare.includes(':') && isLinkLocal(bare);
    if (isOwn || (!isNeighbour && own.routesTo(bare, { isLocal: true }).length === 0)) return;
    for (const collect of asking.get(name) ?? []) collect(address);
  }

  const posts = createLocalPosts({ log, portAt: signals.portAt, onQuestion, onAnswer, openPost });
  await posts.update(lanPlaces(own));

  async function answersTo(name: string, signal: AbortSignal): Promise<readonly Address[]> {
    const found = new Map<string, Address>();
    let hear = () => {};
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const collect: Collect = (address) => {
      if (found.size < LOOK_UP_RESULTS) found.set(keyOf(address), address);
      hear();
    };
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const stop = listen(asking, name, collect);
    try {
      posts.ask(name);
      // A packet may get lost.
      void clock.wait(LAN_LOOK_UP_MS / 2, until).then(
        () => found.size === 0 && posts.ask(name),
        () => {},
      );
      const quiet = heard.then(() => clock.wait(LAN_QUIET_MS, until));
      quiet.catch(() => {});
      await Promise.race([quiet, clock.wait(LAN_LOOK_UP_MS, until)]);
      return [...found.values()];
    } finally {
      stop();
      over.abort(new SyncError('CANCELLED', { what: 'A look-up on the local network' }));
    }
  }

  return {
    place: 'local network',
    async lookUp(topic, { signal }) {
      const addresses = await answersTo(lanName(topic, clock.now()), signal);
      return addresses.map((address) => claimantAt(address, signals));
    },
    update: () => posts.update(lanPlaces(own)),
    close: () => posts.close(),
  };
}

/** Each topic has so many names that are answered to. */
const NAMES_AT_ONCE = 3;

function namesOf(topics: readonly Uint8Array[], now: Milliseconds) {
  return { period: lanPeriod(now), names: new Set(topics.flatMap((topic) => lanNamesAround(topic, now))) };
}

function listen(asking: Map<string, Set<Collect>>, name: string, collect: Collect): () => void {
  const collecting = asking.get(name) ?? new Set();
  asking.set(name, collecting.add(collect));
  return () => {
    collecting.delete(collect);
    if (collecting.size === 0) asking.delete(name);
  };
}

function claimantAt(address: Address, signals: Pick<LanSignals, 'connect'>): Claimant {
  const connect = (options: { signal: AbortSignal }): Promise<SignalStream | undefined> =>
    signals.connect(address, options);
  return { key: `lan ${keyOf(address)}`, connect };
}

function keyOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
