import { z } from 'zod';
import type { TransferEvent } from './transfer-event.ts';

const Read = z.object({ bytes: z.number(), totalSize: z.number(), bytesPerSecond: z.number().optional() });

/** What the engine tells while it reads a file that is to be sent. */
export const ReadingEvent = z.union([z.object({ hashing: Read }), z.object({ copying: Read })]);
type ReadingEvent = z.infer<typeof ReadingEvent>;

/** As a bar shows it; undefined while there is no rate, so that what is over at once draws none. */
export function readingAsTransfer(name: string, event: ReadingEvent): TransferEvent | undefined {
  const doing = 'hashing' in event ? 'hashing' : 'copying';
  const { bytes, totalSize, bytesPerSecond } = 'hashing' in event ? event.hashing : event.copying;
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return undefined;
  const etaMs = Math.ceil(((totalSize - bytes) / bytesPerSecond) * 1000);
  const what = { interaction: doing, displayName: `${doing} ${name}`, phase: 'running', subTransfers: [] };
  return { ...what, bytes, totalSize, bytesPerSecond, etaMs };
}
