import type { Membership } from '../../conversation/membership/membership.ts';
import { type MembersState, type MemberView, membersView } from '../../projections/members.ts';

/**
 * Who takes part, as people are shown it: who ever appeared, and which devices wrote, is told by the events, the roles by the
 * tree of the head, which the rules go by. Of those who left a tree says nothing.
 */
export function membersShown(state: MembersState, { members }: Membership): readonly MemberView[] {
  return membersView(state).map((member) => ({ ...member, role: members.get(member.uri)?.role ?? 'left' }));
}
