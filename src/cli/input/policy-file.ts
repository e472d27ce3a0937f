/** A policy as people write it: JSON, with sizes like "20 MB", and one entry where a list could stand. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { fileFailure, SyncError } from '../../errors.ts';
import { AccountUri, ConversationId } from '../../ids.ts';
import { parseJson } from '../../parse-json.ts';
import { FILE_TYPES } from '../../projections/policy/file-type.ts';
import { LINK_KINDS, type Policy } from '../../projections/policy/policy.ts';
import { parseBytes } from './parse-bytes.ts';

/** Bytes, as a number or in words. */
const size = z.union([z.number().int().nonnegative(), z.string().transform(bytesOf)], {
  error: 'must be a number of bytes, or a text such as "20 MB"',
});

function oneOrMore<Item extends z.ZodType>(item: Item) {
  return z.union([z.array(item).min(1), item.transform((one) => [one])]);
}

const extension = z.string().transform((text) => text.replace(/^\./, '').toLowerCase());

const Conditions = z.strictObject({
  type: oneOrMore(z.enum(FILE_TYPES)).optional(),
  extension: oneOrMore(extension).optional(),
  atLeast: size.optional(),
  atMost: size.optional(),
  from: oneOrMore(AccountUri).optional(),
  conversation: oneOrMore(ConversationId).optional(),
  over: oneOrMore(z.enum(LINK_KINDS)).optional(),
});

const PolicyFile = z.strictObject({
  rules: z.array(z.strictObject({ when: Conditions.default({}), do: z.enum(['fetch', 'ask']) })).default([]),
  auto: z.enum(['nothing', 'pictures', 'all']).default('pictures'),
  pictureBytes: size.optional(),
  quota: z
    .strictObject({
      total: size.optional(),
      perConversation: size.optional(),
      conversations: z.record(ConversationId, size).optional(),
    })
    .optional(),
  reserve: size.optional(),
  evict: z.boolean().optional(),
  mayEvictLastCopy: z.boolean().optional(),
  deleteOnOwnDevices: z.boolean().optional(),
  deleteWhenTakenBack: z.boolean().optional(),
});

/** Throws FILE_FAILED, USAGE with what is wrong and where. */
export async function readPolicyFile(path: string): Promise<Policy> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  return parsePolicy(text, path);
}

/** `path` is for the message. Throws USAGE. */
export function parsePolicy(text: string, path: string): Policy {
  const json = parseJson(text);
  if (json === undefined) throw new SyncError('USAGE', { detail: `The policy ${path} is no JSON.` });
  const file = PolicyFile.safeParse(json);
  if (!file.success) {
    const flaws = file.error.issues.map(({ path: at, message }) => `${at.join('.') || 'the whole'}: ${message}`);
    throw new SyncError('USAGE', { detail: `The policy ${path} cannot be used. ${flaws.join('; ')}.` });
  }
  return policyOf(file.data);
}

function policyOf({ rules, quota, ...rest }: z.infer<typeof PolicyFile>): Policy {
  return compact({
    ...rest,
    rules: rules.map(({ when: { type, extension, conversation, ...when }, do: wanted }) => ({
      when: compact({ ...when, types: type, extensions: extension, conversations: conversation }),
      do: wanted,
    })),
    quota: quota && compact(quota),
  });
}

type Compact<T> = { [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined> } & {
  [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key];
};

/** Without the members that are undefined. */
function compact<T extends object>(given: T): Compact<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Compact<T>;
}

function bytesOf(text: string, context: z.RefinementCtx): number {
  const bytes = parseBytes(text);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: 'custom', message: `"${text}" is no size; write a number of bytes, or "20 MB"` });
  return z.NEVER;
}
