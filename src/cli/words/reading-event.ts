import * as z from 'zod';
import type { TransferEvent } from './transfer-event.ts';

const Read = z.object({ bytes: z.number(), totalSize: z.number(), bytesPerSecond: z.number().optional() });

/** What the engine tells while it reads a file that is to be sent. */
export const ReadingEvent = z.union([z.object({ hashing: Read }), z.object({ copying: Read })]);
type ReadingEvent = z.infer<typeof ReadingEvent>;

/**
 * As bars show it: of what is under way, once there is a rate, so that what is over at once draws none; and that the copying
 * is over once the file is hashed.
 */
export function readingAsTransfers(name: string, event: ReadingEvent): readonly TransferEvent[] {
  if ('copying' in event) return underWay(`copying ${name}`, 'copying', event.copying);
  const copied = { interaction: 'copying', displayName: `copying ${name}`, phase: 'complete', subTransfers: [] };
  const { totalSize } = event.hashing;
  return [{ ...copied, bytes: totalSize, totalSize }, ...underWay(`hashing ${name}`, 'hashing', event.hashing)];
}

function underWay(
  displayName: string,
  interaction: string,
  { bytes, totalSize, bytesPerSecond }: z.infer<typeof Read>,
): readonly TransferEvent[] {
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return [];
  const etaMs = Math.ceil(((totalSize - bytes) / bytesPerSecond) * 1000);
  return [{ interaction, displayName, phase: 'running', subTransfers: [], bytes, totalSize, bytesPerSecond, etaMs }];
}
