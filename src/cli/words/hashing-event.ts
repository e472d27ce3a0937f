import { z } from 'zod';
import type { TransferEvent } from './transfer-event.ts';

/** What the engine tells while it reads a file that is to be sent. */
export const HashingEvent = z.object({
  hashing: z.object({ bytes: z.number(), totalSize: z.number(), bytesPerSecond: z.number().optional() }),
});
type Hashing = z.infer<typeof HashingEvent>['hashing'];

/** As a bar shows it; undefined while there is no rate, so that what is over at once draws none. */
export function hashingAsTransfer(
  name: string,
  { bytes, totalSize, bytesPerSecond }: Hashing,
): TransferEvent | undefined {
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return undefined;
  const etaMs = Math.ceil(((totalSize - bytes) / bytesPerSecond) * 1000);
  const what = { interaction: 'hashing', displayName: `hashing ${name}`, phase: 'running', subTransfers: [] };
  return { ...what, bytes, totalSize, bytesPerSecond, etaMs };
}
