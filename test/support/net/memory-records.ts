/** Records as a DHT keeps them: the newest under each key, unless it is told to be as bad as a DHT may be. */
import { publicKeyOf } from '../../../src/net/records/agree-on-secret.ts';
import type { FoundRecord, RecordStore } from '../../../src/net/records/record-store.ts';

export interface Whims {
  /** Whether the next record is lost on its way, and its sender told so. */
  loses(): boolean;
  /** How many of the newest versions of a record are not found at the next look. */
  lagsBy(): number;
}

const RELIABLE: Whims = { loses: () => false, lagsBy: () => 0 };

export interface KeptRecords {
  readonly store: RecordStore;
  /** All versions under each key, the oldest first. */
  readonly versions: ReadonlyMap<string, readonly FoundRecord[]>;
  /** Keys announced under each topic. */
  readonly announced: Map<string, Uint8Array[]>;
  /** Of which there were so many. */
  readonly looks: { count: number };
}

export function keepRecords(whims: Whims = RELIABLE): KeptRecords {
  const versions = new Map<string, FoundRecord[]>();
  const announced = new Map<string, Uint8Array[]>();
  const looks = { count: 0 };
  const nameOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const listOf = <Value>(map: Map<string, Value[]>, key: Uint8Array) => map.get(nameOf(key)) ?? [];
  const store: RecordStore = {
    async put(seed, record) {
      if (whims.loses()) throw new Error('nobody keeps it');
      const key = publicKeyOf(seed);
      versions.set(nameOf(key), [...listOf(versions, key), record]);
    },
    get: async (key) => listOf(versions, key).at(-1 - whims.lagsBy()),
    async announce(topic, seed) {
      announced.set(nameOf(topic), [...listOf(announced, topic), publicKeyOf(seed)]);
    },
    async unannounce(topic, seed) {
      const key = nameOf(publicKeyOf(seed));
      const others = listOf(announced, topic).filter((other) => nameOf(other) !== key);
      announced.set(nameOf(topic), others);
    },
    async lookUp(topic) {
      looks.count += 1;
      return listOf(announced, topic);
    },
  };
  return { store, versions, announced, looks };
}
