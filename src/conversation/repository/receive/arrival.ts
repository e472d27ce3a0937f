/** Objects of a pack that still comes in, as they are: what was hashed and inflated to index it need not be so again. */
export interface Arrival {
  /** Of the commits that lay whole in the pack, 20 bytes each. */
  readonly ids: Uint8Array<ArrayBuffer>;
  /** The commits, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where in `bytes` each one ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** Files that begin as certificates do. */
  readonly certificates: readonly Uint8Array[];
}

/** Somebody who looks at a pack while it comes in. */
export interface PackWatch {
  /** So many objects are to come, by the word of the pack's header. */
  expect(objects: number): void;
  /** The memory is the watcher's own. */
  take(arrival: Arrival): void;
}

/** What goes along when the commits go to another thread. */
export function memoryOf({ ids, bytes, ends }: Omit<Arrival, 'certificates'>): ArrayBuffer[] {
  return [ids.buffer, bytes.buffer, ends.buffer];
}
