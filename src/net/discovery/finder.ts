import { withDeadline } from '../../deadline.ts';
import { isSyncError, messageOf } from '../../errors.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import { DISCOVERY_MS, INTRODUCTIONS, REACHING_MS } from '../../limits.ts';
import type { Clock, Log, PeerIdentity } from '../../ports.ts';
import type { FindOptions } from '../net.ts';
import { reasonOf } from '../reason-of.ts';
import { createSharedWork } from '../shared-work.ts';
import { introduceTo } from '../signalling/greeting.ts';
import type { Introductions } from '../signalling/introduction.ts';
import { patienceOn } from '../signalling/patience.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import type { Claimant, Discovery } from './discovery.ts';
import { createKeptStreams } from './kept-streams.ts';
import { accountTopic, deviceTopic } from './topic.ts';

export interface FinderOptions {
  /** All are tried at once. */
  readonly discoveries: readonly Discovery[];
  readonly introductions: Introductions;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  onTurnedAway(proof: string): void;
}

/** A device that answered and proved who it is, ready for signals. */
export interface FoundPeer {
  readonly peer: PeerIdentity;
  readonly stream: SignalStream;
}

export type FindResult =
  | { readonly outcome: 'found'; readonly found: FoundPeer }
  | { readonly outcome: 'not-found' }
  /** Somebody answered, and it was not the device, or it refused. */
  | { readonly outcome: 'rejected'; readonly detail: string };

/** Looks devices up, in the DHT and on the local network, where anybody may say anything, and asks who is there. */
export interface Finder {
  /** Throws TIMED_OUT, the signal's reason. */
  findDevice(device: DeviceId, options: { signal: AbortSignal }): Promise<FindResult>;
  /** Throws TIMED_OUT, the signal's reason. */
  findDevices(account: AccountUri, options: FindOptions): Promise<readonly DeviceId[]>;
}

/** What is looked up, and whom it stands for. */
type Sought = { readonly topic: Uint8Array } & ({ readonly account: AccountUri } | { readonly device: DeviceId });

export function createFinder(options: FinderOptions): Finder {
  const { introductions, clock, log, onTurnedAway } = options;
  /** Who spoke from where, so that a look-up that is repeated asks nobody twice. */
  const known = new Map<string, PeerIdentity>();
  /** Somebody may take longer to answer than the look-up lasts: the next one will know. */
  const asking = createSharedWork<string, PeerIdentity | undefined>();
  /** Those that took long to come up: who was asked is likely to be dialled next. */
  const kept = createKeptStreams<FoundPeer>(options);

  async function greet(claimant: Claimant, signal: AbortSignal): Promise<FoundPeer | undefined> {
    const { key } = claimant;
    const before = kept.take(key);
    if (before !== undefined) return before;
    let stream: SignalStream | undefined;
    try {
      stream = await reach(claimant, { clock, log, signal });
      if (stream === undefined) return undefined;
      const greeting = { what: 'Greeting a device', ms: patienceOn(stream).greetingMs, clock, signal };
      const peer = await withDeadline(greeting, greetingOver(stream, { introductions, onTurnedAway }));
      remember(known, key, peer);
      log.debug('a device that announced itself proved who it is', { key, ...peer });
      return { peer, stream };
    } catch (error) {
      stream?.close();
      if (!signal.aborted)
        log.debug('a device that announced itself could not be greeted', { key, reason: messageOf(error) });
      throw error;
    }
  }

  async function ask(claimant: Claimant): Promise<PeerIdentity | undefined> {
    const found = await greet(claimant, options.signal).catch(() => undefined);
    if (found?.stream.isSlow) kept.keep(claimant.key, found);
    else found?.stream.close();
    return found?.peer;
  }

  async function whoIs(claimant: Claimant, signal: AbortSignal): Promise<PeerIdentity | undefined> {
    return known.get(claimant.key) ?? asking.run(claimant.key, () => ask(claimant), signal);
  }

  return {
    async findDevice(device, { signal }) {
      const choice = new Choice(device);
      const ways = lookUp({ topic: deviceTopic(device), device }, { ...options, signal }).map(async (looked) => {
        const claimants = await looked;
        return firstDefined(claimants.map((claimant) => choice.judge(greet(claimant, signal))));
      });
      const found = await firstDefined(ways.map((way) => way.catch(() => undefined)));
      if (found !== undefined) return { outcome: 'found', found };
      signal.throwIfAborted();
      await unlessAllFailed(ways);
      return choice.nobody();
    },
    async findDevices(account, { signal, onFound = () => {} }) {
      const found = new Set<DeviceId>();
      const look = async (claimant: Claimant) => {
        const peer = await whoIs(claimant, signal);
        if (peer?.account !== account || found.has(peer.device)) return;
        found.add(peer.device);
        onFound(peer.device);
      };
      const ways = lookUp({ topic: accountTopic(account), account }, { ...options, signal }).map(async (looked) => {
        await Promise.all((await looked).map(look));
      });
      await unlessAllFailed(ways);
      signal.throwIfAborted();
      return [...found];
    },
  };
}

interface Looking extends Pick<FinderOptions, 'discoveries' | 'clock' | 'log'> {
  readonly signal: AbortSignal;
}

/** What each way to find devices comes to. */
function lookUp(sought: Sought, { discoveries, clock, log, signal }: Looking): readonly Promise<readonly Claimant[]>[] {
  const { topic, ...whom } = sought;
  const deadline = { what: 'Looking up devices', ms: DISCOVERY_MS, clock, signal };
  return discoveries.map(async (discovery) => {
    const { place } = discovery;
    try {
      const found = await withDeadline(deadline, (inner) => discovery.lookUp(topic, { signal: inner }));
      log.debug('looked up', { ...whom, place, found: found.map(({ key }) => key) });
      return found;
    } catch (error) {
      if (!signal.aborted) log.debug('looking up failed', { ...whom, place, reason: messageOf(error) });
      throw error;
    }
  });
}

/** Undefined for a device that is not there any more. */
async function reach(
  claimant: Claimant,
  { clock, log, signal }: Omit<Looking, 'discoveries'>,
): Promise<SignalStream | undefined> {
  const reaching = { what: 'Reaching a device', ms: REACHING_MS, clock, signal };
  const stream = await withDeadline(reaching, (inner) => claimant.connect({ signal: inner }));
  if (stream === undefined) log.debug('a device that announced itself is not there', { key: claimant.key });
  return stream;
}

/** What is under way ends with the signal, as the stream is closed then. */
function greetingOver(
  stream: SignalStream,
  options: Pick<FinderOptions, 'introductions' | 'onTurnedAway'>,
): (signal: AbortSignal) => Promise<PeerIdentity> {
  return async (signal) => {
    const hangUp = () => stream.close();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      return await introduceTo(stream, { ...options, signal });
    } finally {
      signal.removeEventListener('abort', hangUp);
    }
  };
}

function remember(known: Map<string, PeerIdentity>, key: string, peer: PeerIdentity): void {
  const [oldest] = known.keys();
  if (known.size >= INTRODUCTIONS && oldest !== undefined) known.delete(oldest);
  known.set(key, peer);
}

/** The first answer that comes from the device itself is chosen; the others are hung up on. */
class Choice {
  readonly #device: DeviceId;
  readonly #details: string[] = [];
  #isChosen = false;

  constructor(device: DeviceId) {
    this.#device = device;
  }

  /** Undefined unless it is the one that is chosen. Does not reject. */
  async judge(greeting: Promise<FoundPeer | undefined>): Promise<FoundPeer | undefined> {
    try {
      const found = await greeting;
      if (found === undefined) return undefined;
      if (found.peer.device !== this.#device) this.#details.push(`it is device ${found.peer.device}`);
      if (found.peer.device === this.#device && !this.#isChosen) {
        this.#isChosen = true;
        return found;
      }
      found.stream.close();
    } catch (error) {
      // Who does not answer in time is not there: a device that was killed stays announced for a while.
      if (!isSyncError(error, 'TIMED_OUT')) this.#details.push(reasonOf(error));
    }
    return undefined;
  }

  nobody(): FindResult {
    if (this.#details.length === 0) return { outcome: 'not-found' };
    return { outcome: 'rejected', detail: this.#details.join('; ') };
  }
}

/** What succeeded. Throws what the first one failed with when nothing did. */
async function unlessAllFailed<Value>(ways: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const results = await Promise.allSettled(ways);
  const failed = results.find((result) => result.status === 'rejected');
  const succeeded = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (failed !== undefined && succeeded.length === 0) throw failed.reason;
  return succeeded;
}

/** The first value that is one, or undefined when none is. The promises do not reject. */
function firstDefined<Value>(promises: readonly Promise<Value | undefined>[]): Promise<Value | undefined> {
  return new Promise((resolve) => {
    for (const promise of promises)
      void promise.then((value) => {
        if (value !== undefined) resolve(value);
      });
    void Promise.all(promises).then(() => resolve(undefined));
  });
}
