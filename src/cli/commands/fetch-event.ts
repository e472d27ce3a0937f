import * as z from 'zod';
import type { FetchOutcome } from '../../engine/views.ts';
import { asToldBy } from '../input/as-told-by.ts';
import type { Output } from '../terminal/output.ts';
import { cleanText } from '../words/clean-text.ts';
import { humanBytes, shortId } from '../words/human.ts';
import { TransferEvent } from '../words/transfer-event.ts';

const Outcome = asToldBy<FetchOutcome>()(
  z.looseObject({
    interaction: z.string(),
    fileId: z.string(),
    displayName: z.string(),
    outcome: z.string(),
    bytes: z.number(),
    totalSize: z.number(),
    from: z.array(z.string()),
    waitsFor: z.string().optional(),
  }),
);
type Outcome = z.infer<typeof Outcome>;

/** What the engine tells while it fetches. */
export const FetchEvent = z.union([z.object({ transfer: TransferEvent }), z.object({ outcome: Outcome })]);

/** How one file ended, as a line for a person. */
export function outcomeLine(
  { outcome, displayName, bytes, totalSize, from, waitsFor }: Outcome,
  { colours }: Output,
): string {
  const name = cleanText(displayName);
  if (outcome !== 'complete') {
    return `${colours.yellow(outcome)}  ${name}  ${humanBytes(bytes)} of ${humanBytes(totalSize)} here${waitsFor ? `; ${waitsFor}` : ''}`;
  }
  const source = from.length > 0 ? ` from ${from.map(shortId).join(', ')}` : '';
  return `${colours.green('complete')}  ${name}  ${humanBytes(totalSize)}${source}, SHA3-512 verified`;
}
