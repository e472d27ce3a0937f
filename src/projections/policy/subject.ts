import type { ConversationId } from '../../ids.ts';
import type { LinkKind } from '../../ports.ts';
import type { FileAnnouncement } from '../files.ts';
import type { FileRecord } from '../journal/file-record.ts';
import type { HeldBytes } from '../journal/held-bytes.ts';
import type { Claims } from '../plan/claims.ts';

/** How much room this device has for files. */
export interface Room {
  readonly held: HeldBytes;
  /** Of files that are under way. */
  readonly claims: Claims;
  /** Bytes that the disk has left for this user; undefined while nobody has looked. */
  readonly free: number | undefined;
}

/** What a ruling is about. */
export interface Subject {
  readonly conversation: ConversationId;
  readonly file: FileAnnouncement;
  readonly record: FileRecord | undefined;
  /** The kind of link it would come over; undefined while no device is linked that could send it. */
  readonly link?: LinkKind | undefined;
  /** Without it, neither quota nor reserve holds anything back. */
  readonly room?: Room | undefined;
}
