/** Records in HyperDHT. A value of up to 1,000 bytes lies under an Ed25519 key pair, signed by it, the newest only. */
import { withDeadline } from '../../deadline.ts';
import { DISCOVERY_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import { publicKeyOf } from './agree-on-secret.ts';
import type { RecordStore } from './record-store.ts';

interface KeyPair {
  readonly publicKey: Buffer;
  readonly secretKey: Buffer;
}

/** The part of a node of the DHT that keeps records. */
export interface RecordNode {
  mutablePut(keyPair: KeyPair, value: Buffer, options: { readonly seq: number }): Promise<unknown>;
  mutableGet(publicKey: Buffer): Promise<{ readonly seq: number; readonly value: Buffer } | null>;
  announce(topic: Buffer, keyPair: KeyPair, relayAddresses: readonly never[]): { finished(): Promise<void> };
  unannounce(topic: Buffer, keyPair: KeyPair): Promise<void>;
}

export interface DhtRecordsOptions extends Pick<RecordStore, 'lookUp'> {
  readonly node: RecordNode;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function createDhtRecords({ node, lookUp, clock, signal }: DhtRecordsOptions): RecordStore {
  const inTime = <Value>(what: string, work: () => Promise<Value>) =>
    withDeadline({ what, ms: DISCOVERY_MS, clock, signal }, work);
  return {
    async put(seed, { value, revision }) {
      await inTime('Putting a record', () => node.mutablePut(keyPairOf(seed), Buffer.from(value), { seq: revision }));
    },
    async get(publicKey) {
      const found = await inTime('Getting a record', () => node.mutableGet(Buffer.from(publicKey)));
      return found ? { value: found.value, revision: found.seq } : undefined;
    },
    announce: (topic, seed) =>
      inTime('Announcing a ring', () => node.announce(Buffer.from(topic), keyPairOf(seed), []).finished()),
    unannounce: (topic, seed) =>
      inTime('Taking a ring back', () => node.unannounce(Buffer.from(topic), keyPairOf(seed))),
    lookUp: (topic, at) =>
      withDeadline({ what: 'Looking for rings', ms: DISCOVERY_MS, clock, signal: at.signal }, (inner) =>
        lookUp(topic, { signal: inner }),
      ),
  };
}

/** As the library writes it: the seed and the public key are the secret one. */
function keyPairOf(seed: Uint8Array): KeyPair {
  const publicKey = Buffer.from(publicKeyOf(seed));
  return { publicKey, secretKey: Buffer.concat([seed, publicKey]) };
}
