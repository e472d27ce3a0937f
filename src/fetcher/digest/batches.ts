/** Gathers bytes of any lengths into full batches. */
export interface Batches {
  /** Copies the bytes; hands on each batch that has become full. */
  add(bytes: Uint8Array): void;
  /** Hands on what is left, if anything is. */
  finish(): void;
  /** Gives a buffer that was handed on back, to be filled again. */
  reuse(buffer: ArrayBuffer): void;
}

export function createBatches(batchBytes: number, handOn: (batch: Uint8Array<ArrayBuffer>) => void): Batches {
  const spare: ArrayBuffer[] = [];
  let batch: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;

  function finish(): void {
    const full = batch?.subarray(0, filled);
    batch = undefined;
    filled = 0;
    if (full && full.length > 0) handOn(full);
  }

  return {
    add(bytes) {
      for (let taken = 0; taken < bytes.length; ) {
        batch ??= new Uint8Array(spare.pop() ?? new ArrayBuffer(batchBytes));
        const fitting = bytes.subarray(taken, taken + batchBytes - filled);
        batch.set(fitting, filled);
        filled += fitting.length;
        taken += fitting.length;
        if (filled === batchBytes) finish();
      }
    },
    finish,
    reuse: (buffer) => void spare.push(buffer),
  };
}
