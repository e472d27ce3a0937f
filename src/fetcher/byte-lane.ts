import { createBell } from '../bell.ts';

export interface ByteLane {
  /** Bytes that were added and are not done. */
  pendingBytes(): number;
  add(bytes: Uint8Array): void;
  /** Resolves when nothing is left to do, or the lane has failed. */
  idle(): Promise<void>;
}

export interface ByteLaneOptions {
  readonly batchBytes: number;
  /** Called with one batch after the other, in order. */
  work(batch: readonly Uint8Array[]): Promise<void>;
  /** After each batch. */
  onDone(): void;
  /** The lane takes nothing more after this. */
  onFailed(error: unknown): void;
}

/** Bytes on their way to a slow place, in batches as large as what has gathered meanwhile. */
export function createByteLane({ batchBytes, work, onDone, onFailed }: ByteLaneOptions): ByteLane {
  const bell = createBell();
  const queue: Uint8Array[] = [];
  let pending = 0;
  let isWorking = false;
  let hasFailed = false;

  function takeBatch(): Uint8Array[] {
    let [count, bytes] = [0, 0];
    for (const piece of queue) {
      if (count > 0 && bytes + piece.length > batchBytes) break;
      count += 1;
      bytes += piece.length;
    }
    return queue.splice(0, count);
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch();
      await work(batch);
      for (const piece of batch) pending -= piece.length;
      onDone();
    }
  }

  function fail(error: unknown): void {
    hasFailed = true;
    queue.length = 0;
    pending = 0;
    onFailed(error);
  }

  function start(): void {
    if (isWorking) return;
    isWorking = true;
    void run()
      .catch(fail)
      .then(() => {
        isWorking = false;
        bell.ring();
      });
  }

  return {
    pendingBytes: () => pending,
    add(bytes) {
      if (hasFailed) return;
      queue.push(bytes);
      pending += bytes.length;
      start();
    },
    idle: () => bell.until(() => !isWorking),
  };
}
