import { setImmediate as breathe } from 'node:timers/promises';

/** Reads of packed objects between two pauses; small, so that others wait a few milliseconds at most. */
const READS_BETWEEN_PAUSES = 100;

/**
 * To be awaited before each read. Reading from memory never gives way by itself: a walk over a long history would
 * starve every socket.
 */
export function createPauses(): () => Promise<void> {
  let reads = 0;
  return async () => {
    if (++reads % READS_BETWEEN_PAUSES === 0) await breathe();
  };
}
