/**
 * Branded ids: a plain string becomes one of these at the door (disk, wire, user) and is never checked again.
 * Definitions: docs/format.md, "Ids".
 */
import * as z from 'zod';

const hex = (digits: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`), `must be ${digits} lower-case hex digits`);

/** A member's identity: SHA-1 over the DER SubjectPublicKeyInfo of the account key. 40 hex digits. */
export const AccountUri = hex(40).brand<'AccountUri'>();
export type AccountUri = z.infer<typeof AccountUri>;

/** One machine of a member: SHA-256 over the DER SubjectPublicKeyInfo of the device key. 64 hex digits. */
export const DeviceId = hex(64).brand<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;

/** The id of a conversation is the commit id of its first commit. 40 hex digits. */
export const ConversationId = hex(40).brand<'ConversationId'>();
export type ConversationId = z.infer<typeof ConversationId>;

/** A commit, and the interaction it holds. 40 hex digits. */
export const CommitId = hex(40).brand<'CommitId'>();
export type CommitId = z.infer<typeof CommitId>;

/** Any git object (commit, tree, blob) by its SHA-1. 40 hex digits. */
export const ObjectId = hex(40).brand<'ObjectId'>();
export type ObjectId = z.infer<typeof ObjectId>;

/** SHA3-512 (FIPS 202) of a whole file. 128 hex digits. */
export const Digest = hex(128).brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** SHA-256 over a file's chunk hashes, as `events/chunks.ts` defines it. 64 hex digits. */
export const ChunkRoot = hex(64).brand<'ChunkRoot'>();
export type ChunkRoot = z.infer<typeof ChunkRoot>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be kept out of a path.
const FILE_ID = /^[0-9a-f]{40}_[0-9]{1,20}(\.[^./\\\u0000-\u001f\u007f]{1,7})?$/;

/**
 * The name of an announced file on disk: `<commit id>_<tid>[.<extension>]`.
 * It is one path segment by construction: no slash, no backslash, no NUL, no control character.
 */
export const FileId = z.string().regex(FILE_ID, 'must be <commit id>_<tid>[.<extension>]').brand<'FileId'>();
export type FileId = z.infer<typeof FileId>;

/** As `FileId.parse`, at a third of its price: folding a long log makes thousands of them. */
export function fileIdFrom(text: string): FileId {
  return FILE_ID.test(text) ? (text as FileId) : FileId.parse(text);
}

/** The first commit of a conversation, under its other name. */
export function firstCommitOf(conversation: ConversationId): CommitId {
  return CommitId.parse(conversation);
}

/** The conversation that a root commit founds. */
export function conversationFoundedBy(root: CommitId): ConversationId {
  return ConversationId.parse(root);
}
