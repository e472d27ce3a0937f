import type { ConversationEvent } from '../../events/conversation-event.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { AccountUri, CommitId, DeviceId } from '../../ids.ts';
import type { Membership } from '../membership/membership.ts';
import type { TreeEdit } from '../tree/edit-tree.ts';
import type { Tree } from '../tree/tree.ts';

/** Who decides, with the certificates that go into the tree. */
export interface Self {
  readonly account: AccountUri;
  readonly device: DeviceId;
  /** The device's certificate alone, one PEM block. */
  readonly deviceCertificate: string;
  /** The account's certificate and its authority's, one PEM block each. */
  readonly accountCertificate: string;
}

/** What a decision is taken on: the head and what it says. */
export interface DecisionState {
  readonly self: Self;
  readonly tree: Tree;
  readonly membership: Membership;
  /** What a commit of the log says, and who says it; undefined when there is no such commit. */
  said(commit: CommitId): Pick<Interaction, 'author' | 'content'> | undefined;
  /** Its author took the message back. */
  isDeleted(message: CommitId): boolean;
  /** This device started the group call and has not ended it. */
  hostsCall(confId: string): boolean;
}

/** A file to write, or without content to take away. */
export interface FileEdit {
  readonly path: string;
  readonly content: string | undefined;
}

/** Also a file that lies in the tree already, to be put at another path. */
export type FileChange = FileEdit | TreeEdit;

export type RefusalReason =
  | 'not-a-member'
  | 'not-an-admin'
  | 'device-banned'
  | 'own-invitation'
  | 'already-invited'
  | 'already-a-member'
  | 'banned'
  | 'not-one-of-the-two'
  | 'not-invited'
  | 'unknown-message'
  | 'empty'
  | 'too-long'
  | 'unsafe-name'
  | 'not-deletable'
  | 'not-the-author'
  | 'already-deleted'
  | 'not-editable'
  | 'not-shown'
  | 'device-unknown'
  | 'own-ban'
  | 'not-here'
  | 'not-banned'
  | 'already-voted'
  | 'votes-missing'
  | 'not-one-to-one'
  | 'no-duration'
  | 'call-running'
  | 'unknown-call';

export interface Refusal {
  readonly refused: RefusalReason;
  readonly detail: string;
}

/** What is to be committed, or why not. */
export type Decision = { readonly event: ConversationEvent; readonly edits: readonly FileChange[] } | Refusal;

export function refuse(refused: RefusalReason, detail: string): Refusal {
  return { refused, detail };
}
