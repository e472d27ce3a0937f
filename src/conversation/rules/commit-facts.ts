/** Everything the rules look at. Gathered by `gatherFacts`, which does the reading, so that the rules need none. */
import type { Decoded } from '../../events/decode.ts';
import type { Mode } from '../../events/kinds/conversation-created.ts';
import type { Certificate } from '../../identity/identity.ts';
import type { AccountUri, ConversationId, DeviceId, ObjectId } from '../../ids.ts';
import type { Commit } from '../commit.ts';
import type { MergeBase } from '../merge/merge-trees.ts';
import type { Tree } from '../tree/tree.ts';
import type { Change } from '../tree/tree-changes.ts';
import type { Flaw } from './rule.ts';

/** What the initial commit settles for good. */
export interface Founding {
  /** Absent when damage hides the initial commit. */
  readonly conversation: ConversationId | undefined;
  /** Absent when the initial commit does not say, or says something unknown. */
  readonly mode: Mode | undefined;
  /** The author, and in a one-to-one the other one. */
  readonly initialMembers: readonly AccountUri[];
}

/** A certificate file of a tree, parsed. */
export type CertificateFile =
  | {
      readonly outcome: 'read';
      readonly leaf: Certificate;
      /** For an account's file: the authority stands below and certified the account, and itself. */
      readonly isCertified: boolean;
    }
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** The device that signed and the account it belongs to, as far as the tree tells. */
export interface Signer {
  readonly device: DeviceId;
  /** The account that the device's certificate names. */
  readonly uri: AccountUri;
  readonly certificate: Certificate;
  /** The account's file in the same tree; absent when the account is no member there. */
  readonly account: CertificateFile | undefined;
  /** The account's key signed the device's certificate. */
  readonly isCertified: boolean;
  /** Where the tree says that the account, or the device alone, is banned. It holds whatever else the tree says of them. */
  readonly bannedAt: string | undefined;
}

/** The other side of a merge, and what both sides come from. */
export interface MergedSide {
  readonly tree: Tree;
  readonly base: MergeBase;
}

export interface EditedCommit {
  readonly author: AccountUri | undefined;
  readonly content: Decoded;
}

export interface CommitFacts {
  readonly commit: Commit;
  readonly content: Decoded;
  readonly founding: Founding;
  readonly tree: Tree;
  /** The first parent's; absent for a commit without parents. */
  readonly parentTree: Tree | undefined;
  /** Against the first parent, or against nothing. */
  readonly changes: readonly Change[];
  /** For a merge of two: the second parent's side; absent when damage keeps us from telling. */
  readonly merged: MergedSide | undefined;
  /** From the commit's tree; from the parent's when the member leaves, whose files are gone by then. */
  readonly signer: Signer | Flaw;
  /** The certificate files among the changes, by blob. */
  readonly certificates: ReadonlyMap<ObjectId, CertificateFile>;
  /** What an edit refers to; absent when it is no commit of this one's history, hidden when damage keeps us from telling. */
  readonly edited: EditedCommit | 'hidden' | undefined;
}

/** Facts of a commit whose author is known: what most rules start from. */
export type AuthoredFacts = CommitFacts & { readonly signer: Signer };

export function isAuthored(facts: CommitFacts): facts is AuthoredFacts {
  return 'uri' in facts.signer;
}

/** The commit that an edit names, if the body names one; undefined for anything that is no edit. */
export function editTarget(content: Decoded): string | undefined {
  const raw = content.outcome === 'merge' ? undefined : content.raw;
  const edit = raw?.['edit'];
  if (typeof edit === 'string' && edit !== '') return edit;
  return content.type === 'application/edited-message' ? '' : undefined;
}
