/** `application/data-transfer-holdings+json`: what a device holds of a conversation; travels on the `msg:` channel. */
import * as z from 'zod';
import { ConversationId } from '../../ids.ts';
import { CONTROL_MESSAGE_BYTES } from '../../limits.ts';
import { type HoldingKey, LAST_HOLDING_KEY, unpackHoldings } from './holdings.ts';

export const HOLDINGS_TYPE = 'application/data-transfer-holdings+json';

const keys = z
  .string()
  .max(CONTROL_MESSAGE_BYTES)
  .transform((packed, context): readonly HoldingKey[] => {
    const unpacked = unpackHoldings(packed);
    if (unpacked) return unpacked;
    context.addIssue({ code: 'custom', message: 'must be packed holdings' });
    return z.NEVER;
  });
const conversation = ConversationId;

/** What is read. The keys are written packed. */
export const HoldingsMessage = z.discriminatedUnion('say', [
  /** So many files are held, and these are their keys, each bit added up without carry. An answer is not answered. */
  z.object({
    say: z.literal('summary'),
    conversation,
    count: z.number().int().nonnegative(),
    sum: z.number().int().min(0).max(LAST_HOLDING_KEY),
    isAnswer: z.boolean(),
  }),
  /** The summary differs from what is remembered: tell all. */
  z.object({ say: z.literal('tell'), conversation }),
  /** Of the keys beyond `after`, up to `upTo`, these are held, and no others. */
  z.object({
    say: z.literal('page'),
    conversation,
    after: z.number().int().min(-1).max(LAST_HOLDING_KEY),
    upTo: z.number().int().min(0).max(LAST_HOLDING_KEY),
    has: keys,
  }),
  /** These came, and these went. */
  z.object({ say: z.literal('change'), conversation, has: keys, lacks: keys }),
]);
export type HoldingsMessage = z.infer<typeof HoldingsMessage>;
export type HoldingsMessageOf<Say extends HoldingsMessage['say']> = Extract<HoldingsMessage, { say: Say }>;
