import { isSyncError, messageOf } from '../../errors.ts';
import type { AccountUri, DeviceId } from '../../ids.ts';
import { DISCOVERY_MS, GREETING_MS, INTRODUCTIONS } from '../../limits.ts';
import type { Clock, Log, PeerIdentity } from '../../ports.ts';
import { withDeadline } from '../deadline.ts';
import type { DhtNode } from '../hyperdht-adapter.ts';
import { reasonOf } from '../reason-of.ts';
import { introduceTo } from '../signalling/greeting.ts';
import type { Introductions } from '../signalling/introduction.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { accountTopic, deviceTopic } from './topic.ts';

export interface FinderOptions {
  readonly dht: Pick<DhtNode, 'publicKey' | 'lookUp' | 'connect'>;
  readonly introductions: Introductions;
  readonly clock: Clock;
  readonly log: Log;
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

/** Looks devices up in the DHT, where anybody may announce anything, and asks who is there. */
export interface Finder {
  /** Throws TIMED_OUT, the signal's reason. */
  findDevice(device: DeviceId, options: { signal: AbortSignal }): Promise<FindResult>;
  /** Throws TIMED_OUT, the signal's reason. */
  findDevices(account: AccountUri, options: { signal: AbortSignal }): Promise<readonly DeviceId[]>;
}

export function createFinder({ dht, introductions, clock, log, onTurnedAway }: FinderOptions): Finder {
  /** Who spoke from a key, so that a look-up that is repeated asks nobody twice. */
  const known = new Map<string, PeerIdentity>();

  async function lookUp(topic: Uint8Array, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const deadline = { what: 'Looking up devices', ms: DISCOVERY_MS, clock, signal };
    const keys = await withDeadline(deadline, (inner) => dht.lookUp(topic, { signal: inner }));
    return keys.filter((key) => Buffer.compare(key, dht.publicKey) !== 0);
  }

  function greet(key: Uint8Array, signal: AbortSignal): Promise<FoundPeer | undefined> {
    return withDeadline({ what: 'Greeting a device', ms: GREETING_MS, clock, signal }, async (inner) => {
      const stream = await dht.connect(key, { signal: inner });
      if (stream === undefined) return undefined;
      const hangUp = () => stream.close();
      inner.addEventListener('abort', hangUp, { once: true });
      try {
        const peer = await introduceTo(stream, { introductions, signal: inner, onTurnedAway });
        remember(key, peer);
        return { peer, stream };
      } catch (error) {
        stream.close();
        throw error;
      } finally {
        inner.removeEventListener('abort', hangUp);
      }
    });
  }

  function remember(key: Uint8Array, peer: PeerIdentity): void {
    const [oldest] = known.keys();
    if (known.size >= INTRODUCTIONS && oldest !== undefined) known.delete(oldest);
    known.set(hex(key), peer);
  }

  async function whoIs(key: Uint8Array, signal: AbortSignal): Promise<PeerIdentity | undefined> {
    const remembered = known.get(hex(key));
    if (remembered) return remembered;
    try {
      const found = await greet(key, signal);
      found?.stream.close();
      return found?.peer;
    } catch (error) {
      signal.throwIfAborted();
      log.debug('a device that announced itself could not be greeted', { reason: messageOf(error) });
      return undefined;
    }
  }

  return {
    async findDevice(device, { signal }) {
      const keys = await lookUp(deviceTopic(device), signal);
      return firstProved(
        device,
        keys.map((key) => greet(key, signal)),
        signal,
      );
    },
    async findDevices(account, { signal }) {
      const keys = await lookUp(accountTopic(account), signal);
      const peers = await Promise.all(keys.map((key) => whoIs(key, signal)));
      return [...new Set(peers.flatMap((peer) => (peer?.account === account ? [peer.device] : [])))];
    },
  };
}

/** The first answer that comes from the device itself; the others are hung up on. */
async function firstProved(
  device: DeviceId,
  greetings: readonly Promise<FoundPeer | undefined>[],
  signal: AbortSignal,
): Promise<FindResult> {
  const details: string[] = [];
  let isChosen = false;
  const judged = greetings.map(async (greeting) => {
    try {
      const found = await greeting;
      if (found === undefined) return undefined;
      if (found.peer.device !== device) details.push(`it is device ${found.peer.device}`);
      if (found.peer.device === device && !isChosen) {
        isChosen = true;
        return found;
      }
      found.stream.close();
    } catch (error) {
      // Who does not answer in time is not there: a device that was killed stays announced for a while.
      if (!isSyncError(error, 'TIMED_OUT')) details.push(reasonOf(error));
    }
    return undefined;
  });
  const found = await firstDefined(judged);
  if (found !== undefined) return { outcome: 'found', found };
  signal.throwIfAborted();
  return details.length > 0 ? { outcome: 'rejected', detail: details.join('; ') } : { outcome: 'not-found' };
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

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
