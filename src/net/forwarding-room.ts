import { FORWARDED_PER_ADDRESS, FORWARDED_PER_RANGE, FORWARDED_STREAMS } from '../limits.ts';
import { createFairRoom, type FairRoom } from './fair-room.ts';

/** Who is forwarded, by a node of the DHT or by a gate. */
export function createForwardingRoom<Forwarded>(): FairRoom<Forwarded> {
  return createFairRoom({
    inAll: FORWARDED_STREAMS,
    eachRange: FORWARDED_PER_RANGE,
    each: FORWARDED_PER_ADDRESS,
  });
}
