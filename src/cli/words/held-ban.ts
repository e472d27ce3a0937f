/** What people hear where they were banned: what is said there stays here. */
import * as z from 'zod';
import type { BanView } from '../../engine/conversations/ban-view.ts';
import { asToldBy } from '../input/as-told-by.ts';
import type { Output } from '../terminal/output.ts';
import { shortId } from './human.ts';

export const HeldBan = asToldBy<BanView>()(
  z.looseObject({ conversation: z.string(), by: z.string(), commit: z.string(), at: z.number() }),
);
type HeldBan = z.infer<typeof HeldBan>;

/** What was written, as the engine answers; with the ban that keeps it from the others. */
export const Written = z.object({ interaction: z.string(), ban: HeldBan.optional() });

export function bannedSentence({ conversation, by }: HeldBan): string {
  return `you were banned from ${conversation} by ${shortId(by)}: nobody there hears you any more`;
}

/** On stderr, as what was asked for is done all the same: it reaches the others if they lift the ban. */
export function remarkOnBan({ remark }: Pick<Output, 'remark'>, { ban }: { readonly ban?: HeldBan | undefined }): void {
  if (ban)
    remark(
      `You were banned from this conversation by ${shortId(ban.by)}: nobody there gets this unless the ban is lifted.`,
    );
}
