/**
 * What this device alone saw and did. One record is one fact; everything the engine remembers beside the log is a fold of these.
 * `at` is milliseconds since the Unix epoch; sizes are bytes. Source: design §3.
 */
import { z } from 'zod';
import { AccountUri, CommitId, ConversationId, DeviceId, FileId } from '../ids.ts';
import { Mode } from './conversation-created.ts';
import { DeclineReason } from './file-request.ts';

const at = z.number().int().nonnegative();
const bytes = z.number().int().nonnegative();
/** Names one announced file of one conversation. */
const file = { conversation: ConversationId, interaction: CommitId, fileId: FileId };

/** A commit became part of the log here. Positions in the journal give the order of arrival. */
export const CommitAdmitted = z.object({
  kind: z.literal('commit-admitted'),
  conversation: ConversationId,
  commit: CommitId,
  /** The device it came from; absent for an own one. */
  from: DeviceId.optional(),
  at,
});

/** A batch of commits was refused and is not fetched again until the peer's head changes. */
export const BatchRefused = z.object({
  kind: z.literal('batch-refused'),
  conversation: ConversationId,
  head: CommitId,
  from: DeviceId,
  commit: CommitId,
  rule: z.string(),
  at,
});

export const InvitationReceived = z.object({
  kind: z.literal('invitation-received'),
  conversation: ConversationId,
  from: AccountUri,
  device: DeviceId,
  mode: Mode,
  title: z.string().optional(),
  at,
});

/** The file stands under its name and had the right digest when it had this size, time and inode. */
export const FileVerified = z.object({
  kind: z.literal('file-verified'),
  ...file,
  size: bytes,
  mtimeMs: z.number(),
  inode: z.number(),
  at,
});

/** What a scan found instead of a good file. `size` is what lies there, `tmp` what lies in the temporary file. */
export const FileFoundLacking = z.object({
  kind: z.literal('file-found-lacking'),
  ...file,
  state: z.enum(['missing', 'partial', 'corrupt']),
  size: bytes,
  mtimeMs: z.number(),
  inode: z.number(),
  at,
});

export const FileRequested = z.object({ kind: z.literal('file-requested'), ...file, from: DeviceId, at });

/** How a request ended, when it did not end in a proposal. */
export const RequestDeclined = z.object({
  kind: z.literal('request-declined'),
  ...file,
  from: DeviceId,
  reason: z.union([DeclineReason, z.enum(['no-answer', 'not-reachable'])]),
  at,
});

/** A device's share of a transfer began. `start` is the first byte that moved, not 0 on a resume. */
export const SubTransferStarted = z.object({
  kind: z.literal('sub-transfer-started'),
  ...file,
  peer: DeviceId,
  direction: z.enum(['receiving', 'serving']),
  start: bytes,
  at,
});

/** Bytes up to here are flushed to the temporary file. */
export const SubTransferProgressed = z.object({
  kind: z.literal('sub-transfer-progressed'),
  ...file,
  peer: DeviceId,
  bytes,
  at,
});

export const SUB_TRANSFER_FAILURES = [
  'interrupted',
  'silent',
  'wrong-size',
  'wrong-digest',
  'cancelled',
  'refused',
  'disk-full',
  'protocol-broken',
] as const;

export const SubTransferEnded = z.object({
  kind: z.literal('sub-transfer-ended'),
  ...file,
  peer: DeviceId,
  direction: z.enum(['receiving', 'serving']),
  outcome: z.enum(['complete', ...SUB_TRANSFER_FAILURES]),
  bytes,
  at,
});

/** The user asked for the file although policy, or an earlier cancel, held it back. */
export const FileAccepted = z.object({ kind: z.literal('file-accepted'), ...file, at });
/** The user does not want the file; it stays so until accepted again. */
export const FileCancelled = z.object({ kind: z.literal('file-cancelled'), ...file, at });

export const JournalRecord = z.discriminatedUnion('kind', [
  CommitAdmitted,
  BatchRefused,
  InvitationReceived,
  FileVerified,
  FileFoundLacking,
  FileRequested,
  RequestDeclined,
  SubTransferStarted,
  SubTransferProgressed,
  SubTransferEnded,
  FileAccepted,
  FileCancelled,
]);
export type JournalRecord = z.infer<typeof JournalRecord>;
/** The record of one kind, or of several. */
export type RecordOf<Kind extends JournalRecord['kind']> = Extract<JournalRecord, { kind: Kind }>;
