import { HASH_BATCH_BYTES } from '../../limits.ts';

/**
 * Buffers of `HASH_BATCH_BYTES` that are used again. Made anew for every chunk they would be garbage faster than a
 * collector gets rid of it; so many are kept as were ever needed at once.
 */
export interface BlockBuffers {
  take(): Buffer;
  giveBack(buffer: Buffer): void;
}

export function createBlockBuffers(): BlockBuffers {
  const spare: Buffer[] = [];
  return {
    take: () => spare.pop() ?? Buffer.allocUnsafeSlow(HASH_BATCH_BYTES),
    giveBack: (buffer) => void spare.push(buffer),
  };
}
