import type { CommitId } from '../../ids.ts';

/**
 * The rules a history is judged by. R and V have the numbers of the format, which other implementations share;
 * S are ours. All are judged on the commit's own history alone, so that every replica judges alike: docs/rules.md.
 */
export const RULES = {
  OBJECT: 'Every commit, tree, blob and certificate is there, whole, and in the form the format gives it.',
  R1: 'What is fetched at once keeps to the limits of a pack.',
  R2: 'A commit carries one signature, on one line of base64.',
  R5: 'The initial commit states one of the five modes, and its author is known.',
  R6: 'The initial commit holds its author’s admin and device files, in a one-to-one the invitation, perhaps its author’s revocations, and nothing else.',
  R7: 'A commit says of which type it is.',
  R10: 'A vote changes at most two files.',
  R11: 'A vote changes a vote file and its author’s device file, nothing else.',
  R12: 'A vote holds exactly one vote file.',
  R13: 'Only an admin votes.',
  R14: 'A vote file is named after what is voted on and after its voter.',
  R15: 'A vote is on a ban or on its end.',
  R16: 'A vote is cast once.',
  R17: 'A vote file is empty.',
  R18: 'Nobody votes on themselves, and a ban is voted on somebody who is there.',
  R19: 'No device votes on itself, and a vote on a device is on one that is there.',
  R20: 'A member commit names a member or a device.',
  R21: 'A member commit states a known action.',
  R22: 'Only the first two are added to a one-to-one.',
  R23: 'An add changes one to three files.',
  R24: 'Nobody adds themselves.',
  R25: 'An add changes the invitation, its author’s device file and revocations, nothing else.',
  R26: 'An add makes the invitation.',
  R27: 'An invitation is empty.',
  R28: 'Who is banned is not added.',
  R29: 'A join changes the invitation, the member’s file and the device file, nothing else.',
  R30: 'A join uses the invitation up.',
  R31: 'A join makes the member’s file.',
  R32: 'Only the invited member itself joins, with a device of its own.',
  R33: 'Leaving is done by the member itself, takes away its membership, and nothing that is not its own.',
  R34: 'Leaving takes away no other member’s device.',
  R35: 'A ban, or its end, changes the target’s files and the votes on it, nothing else.',
  R36: 'A ban, or its end, uses up the votes on its own target.',
  R37: 'A ban, or its end, touches no other member’s device.',
  R38: 'Only an admin resolves a vote.',
  R39: 'More than half of the admins have voted for it.',
  R40: 'A ban moves the target’s file to the banned ones, its end moves it back, unchanged.',
  R41: 'Only an admin changes the profile.',
  R42: 'A profile commit changes the profile and its author’s device file, nothing else.',
  R43: 'A checkpoint belongs into a document.',
  R44: 'A checkpoint changes attachments named after their content and its author’s device file, nothing else.',
  R45: 'An edit names an earlier commit of its own history.',
  R46: 'Only the author edits.',
  R47: 'Only messages and announcements can be edited.',
  R48: 'A document holds no messages.',
  R49: 'An ordinary commit changes at most its author’s own certificates.',
  R51: 'A merge has two parents.',
  R52: 'A merge takes every file from one of its parents.',
  V1: 'The device’s certificate is in the tree, and the device is not banned.',
  V2: 'The device’s certificate names its account.',
  V3: 'The account is a member or an admin at that point, and not banned.',
  V4: 'The device’s certificate had not expired.',
  V5: 'The account’s certificate had not expired.',
  V6: 'The signature is the device’s over the commit.',
  V7: 'The member’s file holds the key that its name stands for.',
  S1: 'The device’s key is the one its id stands for, certified by the account, and the account by its authority.',
  REVOKED: 'What a revoked device signed comes in only below a commit of another device.',
  S2: 'There is one initial commit: the one whose id is the conversation’s.',
  S3: 'A merge is what its two sides come to: it undoes nothing that either of them did.',
} as const;

export type Rule = keyof typeof RULES;

/** What is wrong with a commit, before it is said of which. */
export interface Flaw {
  readonly rule: Rule;
  /** What was found, for people. */
  readonly message: string;
  readonly path?: string;
}

/** One commit's breach of one rule. */
export interface Refusal extends Flaw {
  readonly commit: CommitId;
}

export function flaw(rule: Rule, message: string, path?: string): Flaw {
  return { rule, message, ...(path !== undefined && { path }) };
}
