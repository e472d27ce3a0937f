/**
 * The JSON body of a commit as it stands in git, before anything is known about its type.
 * Values are strings but for `mode`; older and foreign writers may leave others (docs/format.md, "Commit messages").
 */
import * as z from 'zod';
import { AccountUri, CommitId, DeviceId } from '../../ids.ts';

export const WireBody = z.record(z.string(), z.unknown());
export type WireBody = z.infer<typeof WireBody>;

/** Decimal digits as a string; a JSON number is taken as well, as the format's other readers do. */
export const wireCount = z
  .union([z.string().regex(/^[0-9]{1,16}$/), z.number().int().nonnegative()])
  .transform(Number)
  .refine(Number.isSafeInteger, 'must be at most 2^53');

/** An empty string stands for an absent value. */
export const wireText = z
  .string()
  .optional()
  .transform((text) => text || undefined);

export const wireCommitId = z
  .union([z.literal(''), CommitId])
  .optional()
  .transform((id) => id || undefined);

/** A member, or a device where a single device is banned. */
export const wireTarget = z.union([AccountUri, DeviceId]);
