import { MessageChannel } from 'node:worker_threads';

/** So many at a time: a trip for each would cost more than it saves. */
const RECORDS_AT_ONCE = 32;

/**
 * Gives up the memory of TLS records at once, instead of leaving it to the garbage collector. Node reads each record of a
 * socket that came in into memory of its own. It lies outside of the heap, where the collector notices it only when there
 * is much of it, and goes through all of the heap to find out what little of that is dead. What is sent to a port that
 * nobody listens to is gone at once, though.
 */
export interface SpentRecords {
  /** Nobody reads these bytes any more, or others of their memory. */
  give(bytes: Uint8Array): void;
}

export function createSpentRecords(): SpentRecords {
  const { port1: nowhere } = new MessageChannel();
  nowhere.close();
  let records: ArrayBuffer[] = [];
  return {
    give({ buffer, byteLength }) {
      // Anything else has memory that it shares with others.
      if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== byteLength) return;
      records.push(buffer);
      if (records.length < RECORDS_AT_ONCE) return;
      nowhere.postMessage(undefined, records);
      records = [];
    },
  };
}
