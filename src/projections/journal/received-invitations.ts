import { OrderedMap } from 'immutable';
import type { RecordOf } from '../../events/journal-record.ts';
import type { AccountUri, ConversationId } from '../../ids.ts';

type Invitation = RecordOf<'invitation-received'>;

/** By conversation and inviting account: whoever else invites to the same conversation takes nobody's place. */
export type ReceivedInvitations = OrderedMap<`${ConversationId} ${AccountUri}`, Invitation>;

export const noInvitations: ReceivedInvitations = OrderedMap();

export function evolveInvitations(known: ReceivedInvitations, invitation: Invitation): ReceivedInvitations {
  return known.set(`${invitation.conversation} ${invitation.from}`, invitation);
}

export function invitationBy(
  known: ReceivedInvitations,
  conversation: ConversationId,
  from: AccountUri,
): Invitation | undefined {
  return known.get(`${conversation} ${from}`);
}

/** In the order in which the accounts first invited. */
export function invitationsTo(known: ReceivedInvitations, conversation: ConversationId): readonly Invitation[] {
  return [...known.values()].filter((invitation) => invitation.conversation === conversation);
}
