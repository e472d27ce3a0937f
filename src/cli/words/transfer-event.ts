import * as z from 'zod';
import type { TransferView } from '../../projections/transfers.ts';
import { asToldBy } from '../input/as-told-by.ts';

/** A transfer as the engine tells of it over the control socket, as far as a bar needs it. */
export const TransferEvent = asToldBy<TransferView>()(
  z.object({
    interaction: z.string(),
    displayName: z.string(),
    totalSize: z.number(),
    phase: z.string(),
    bytes: z.number(),
    bytesPerSecond: z.number().optional(),
    etaMs: z.number().optional(),
    subTransfers: z.array(z.object({ peer: z.string(), phase: z.string(), start: z.number(), bytes: z.number() })),
  }),
);
export type TransferEvent = z.infer<typeof TransferEvent>;
