/**
 * What this device alone saw and did. One record is one fact; everything the engine remembers beside the log is a fold of these.
 * `at` is milliseconds since the Unix epoch; sizes are bytes.
 */
import * as z from 'zod';
import { AccountUri, CommitId, ConversationId, DeviceId, FileId } from '../ids.ts';
import { Mode } from './kinds/conversation-created.ts';
import { DeclineReason } from './peer/file-request.ts';

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
  /** Absent: broken. Unmergeable is what breaks no rule and cannot be joined with our own head by this device. */
  why: z.enum(['broken', 'unmergeable']).optional(),
  commit: CommitId,
  rule: z.string(),
  /** What was found, and in which file. Older records have neither. */
  message: z.string().optional(),
  file: z.string().optional(),
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

/** How the bytes of a link travel, and how near its other end is; both ends as `host:port`. */
export const LinkPath = z.object({
  kind: z.enum(['tcp', 'ice-tcp', 'udp', 'tcp-relay', 'udp-relay']),
  link: z.enum(['lan', 'direct', 'relay']),
  local: z.string(),
  remote: z.string(),
});
export type LinkPath = z.infer<typeof LinkPath>;

/** `path`: of the link to the device, if there was one. */
export const FileRequested = z.object({
  kind: z.literal('file-requested'),
  ...file,
  from: DeviceId,
  path: LinkPath.optional(),
  at,
});

/** How a request ended, when it did not end in a proposal. */
export const RequestDeclined = z.object({
  kind: z.literal('request-declined'),
  ...file,
  from: DeviceId,
  reason: z.union([DeclineReason, z.enum(['no-answer', 'not-reachable'])]),
  at,
});

/**
 * A device's share of a transfer began. `start` is the first byte that moved, not 0 on a resume; of a file in chunks that
 * is served, how many of its bytes the device had. `path` is told of what is received.
 */
export const SubTransferStarted = z.object({
  kind: z.literal('sub-transfer-started'),
  ...file,
  peer: DeviceId,
  direction: z.enum(['receiving', 'serving']),
  start: bytes,
  path: LinkPath.optional(),
  at,
});

/** An own file was proposed to a device; its word is awaited. */
export const SubTransferOffered = z.object({ kind: z.literal('sub-transfer-offered'), ...file, peer: DeviceId, at });

/**
 * What a device said to an offer: it asks for the file at once, its user has to decide, it has the file already, or
 * what its user said instead.
 */
export const OFFER_ANSWERS = ['accepted', 'awaiting', 'has-it', 'refused', 'cancelled', 'paused'] as const;
export const OfferAnswered = z.object({
  kind: z.literal('offer-answered'),
  ...file,
  peer: DeviceId,
  answer: z.enum(OFFER_ANSWERS),
  at,
});

/** A device that was asked in vain, or could not send all of it, offers the file: it may be asked again at once. */
export const FileOffered = z.object({ kind: z.literal('file-offered'), ...file, from: DeviceId, at });

/** Bytes up to here are flushed to the temporary file; of a file in chunks, so many have come from this device. */
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
  'too-slow',
  'wrong-size',
  'wrong-digest',
  'cancelled',
  'refused',
  'disk-full',
  'disk-failed',
  'protocol-broken',
  'wrong-chunk',
  'paused-here',
  'paused-there',
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

/** These half-open intervals of the temporary file are flushed and agree with the chunk root; all that were checked so far. */
export const ChunksChecked = z.object({
  kind: z.literal('chunks-checked'),
  ...file,
  ranges: z.array(z.tuple([bytes, bytes])),
  at,
});

/** The user asked for the file although policy, or an earlier word, held it back: accept, resume and retry alike. */
export const FileAccepted = z.object({ kind: z.literal('file-accepted'), ...file, at });
/** The user does not want the file, or does not want to serve it; it stays so until accepted again. */
export const FileCancelled = z.object({ kind: z.literal('file-cancelled'), ...file, at });
/** The user declined the file before anything of it moved; it stays so until accepted. */
export const FileRefused = z.object({ kind: z.literal('file-refused'), ...file, at });
/** The user halted the file, in both directions, and keeps what is here; it stays so until accepted. */
export const FilePaused = z.object({ kind: z.literal('file-paused'), ...file, at });
/** The bytes were taken away here on purpose: the message was deleted, or room was needed. */
export const FileRemoved = z.object({
  kind: z.literal('file-removed'),
  ...file,
  why: z.enum(['deleted', 'evicted']),
  at,
});

/**
 * What a device said it holds of a conversation. `has` and `lacks` are packed announcing interactions (`events/holdings.ts`).
 * With `isAll` it has said, by now, what all it holds: what it never named it lacks. The rest is as it said before.
 */
export const HoldingsTold = z.object({
  kind: z.literal('holdings-told'),
  conversation: ConversationId,
  from: DeviceId,
  isAll: z.boolean(),
  has: z.string(),
  lacks: z.string(),
  at,
});

/** A device of the own account, or its export, said that the account takes part in a conversation. */
export const ConversationTold = z.object({
  kind: z.literal('conversation-told'),
  conversation: ConversationId,
  /** Absent when it came with the account's export. */
  from: DeviceId.optional(),
  mode: Mode,
  title: z.string().optional(),
  /** Some accounts that take part: any of their devices can be cloned from. */
  people: z.array(AccountUri),
  at,
});

/** The account no longer stands behind the device, as its signed revocation list proves. For good. */
export const DeviceRevoked = z.object({ kind: z.literal('device-revoked'), account: AccountUri, device: DeviceId, at });

/**
 * An admin's signed commit bans this account, or this device. It was handed over by itself: the log that it stands in
 * is kept from us.
 */
export const BanTold = z.object({
  kind: z.literal('ban-told'),
  conversation: ConversationId,
  commit: CommitId,
  by: AccountUri,
  at,
});

/** A device of a member was linked, and has written nothing: no log names it. */
export const DeviceSeen = z.object({ kind: z.literal('device-seen'), account: AccountUri, device: DeviceId, at });

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
  SubTransferOffered,
  OfferAnswered,
  FileOffered,
  ChunksChecked,
  FileAccepted,
  FileCancelled,
  FileRefused,
  FilePaused,
  FileRemoved,
  HoldingsTold,
  ConversationTold,
  DeviceRevoked,
  BanTold,
  DeviceSeen,
]);
export type JournalRecord = z.infer<typeof JournalRecord>;
/** The record of one kind, or of several. */
export type RecordOf<Kind extends JournalRecord['kind']> = Extract<JournalRecord, { kind: Kind }>;
