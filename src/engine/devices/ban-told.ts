/** `application/ban+json`: the commit that bans. Travels on `msg:` channels, and as a list to a device that is turned away. */
import * as z from 'zod';
import { ConversationId } from '../../ids.ts';
import { BAN_COMMIT_BYTES, BANS_TOLD } from '../../limits.ts';

export const BanTold = z.object({
  conversation: ConversationId,
  /** The commit object, base64. */
  commit: z.base64().max(2 * BAN_COMMIT_BYTES),
});
export type BanTold = z.infer<typeof BanTold>;

/** What a device that is turned away is handed. */
export const BansTold = z.array(BanTold).max(BANS_TOLD);
