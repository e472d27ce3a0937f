/** Records that anybody may keep in a DHT under a key pair, and keys that are announced there. */
export interface RecordStore {
  /** `revision` is above that of each earlier record under the key. Throws when nobody keeps it. */
  put(seed: Uint8Array, record: FoundRecord): Promise<void>;
  /** The newest that is found. */
  get(publicKey: Uint8Array): Promise<FoundRecord | undefined>;
  announce(topic: Uint8Array, seed: Uint8Array): Promise<void>;
  unannounce(topic: Uint8Array, seed: Uint8Array): Promise<void>;
  /** Throws the signal's reason. */
  lookUp(topic: Uint8Array, options: { signal: AbortSignal }): Promise<readonly Uint8Array[]>;
}

export interface FoundRecord {
  readonly value: Uint8Array;
  /** Grows with each record under one key. */
  readonly revision: number;
}
