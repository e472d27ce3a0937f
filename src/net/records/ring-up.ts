import { messageOf } from '../../errors.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import type { SignalStream } from '../signalling/signal-stream.ts';
import { recordSignals } from './record-signals.ts';
import type { RecordStore } from './record-store.ts';
import { makeRing, ringTopic } from './ring.ts';

export interface RecordsOptions {
  readonly store: RecordStore;
  /** Of this device's key in the DHT, 32 bytes. */
  readonly seed: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Ends all that goes on. */
  readonly signal: AbortSignal;
}

/** Signals to the holder of a key in the DHT by records. It is rung, and may take its time to look. Throws when that is no key. */
export function ringUp(peer: Uint8Array, options: RecordsOptions): SignalStream {
  const { store, seed, clock, random, log } = options;
  const ringSeed = random.bytes(32);
  const { record, ...session } = makeRing({ ringSeed, random, ownSeed: seed, peer, at: clock.now() });
  const topic = ringTopic(peer);
  const rung = ring();

  /** The record first: it is looked for as soon as it is announced. */
  async function ring(): Promise<void> {
    try {
      await store.put(ringSeed, { value: record, revision: 1 });
      await store.announce(topic, ringSeed);
    } catch (error) {
      log.debug('a device could not be rung', { reason: messageOf(error) });
    }
  }

  const onClosed = () => void rung.then(() => store.unannounce(topic, ringSeed)).catch(() => {});
  return recordSignals({ ...options, session, side: 'dialer', onClosed });
}
