import { HASH_BATCH_BYTES } from '../../limits.ts';
import { takeReadMemory } from '../../read-memory.ts';

/**
 * Buffers of `HASH_BATCH_BYTES` that are used again. Made anew for every chunk they would be garbage faster than a
 * collector gets rid of it; so many are kept as were ever needed at once.
 */
export interface BlockBuffers {
  take(): Uint8Array;
  giveBack(buffer: Uint8Array): void;
}

export function createBlockBuffers(): BlockBuffers {
  const spare: Uint8Array[] = [];
  return {
    take: () => spare.pop() ?? takeReadMemory(HASH_BATCH_BYTES),
    giveBack: (buffer) => void spare.push(buffer),
  };
}
