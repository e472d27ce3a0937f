import { Set as PersistentSet } from 'immutable';
import type { Membership } from '../../conversation/membership/membership.ts';
import type { DeviceId } from '../../ids.ts';
import { type MembersState, type MemberView, membersView } from '../../projections/members.ts';

/** Who takes part, as people are shown it. */
export function membersShown(state: MembersState, membership: Membership): readonly MemberView[] {
  return membersView(withRolesOf(state, membership));
}

/** Applies roles again and again, as two things change that seldom do: the very same object comes of the very same ones. */
export function createRoles(): { applied(state: MembersState, membership: Membership): MembersState } {
  let last: { readonly from: readonly [MembersState, Membership]; readonly to: MembersState } | undefined;
  return {
    applied(state, membership) {
      if (last?.from[0] !== state || last.from[1] !== membership)
        last = { from: [state, membership], to: withRolesOf(state, membership) };
      return last.to;
    },
  };
}

/**
 * Who ever appeared, and which devices wrote, is told by the events; the roles and bans by the tree of the head, which the
 * rules go by. Of those who left a tree says nothing. The very same object where both say the same, as they nearly always do.
 */
function withRolesOf(state: MembersState, { members, bannedDevices }: Membership): MembersState {
  const roleOf = ({ uri }: Pick<MemberView, 'uri'>) => members.get(uri)?.role ?? 'left';
  const isAgreed =
    state.members.every((member) => member.role === roleOf(member)) && hasSame(state.bannedDevices, bannedDevices);
  if (isAgreed) return state;
  return {
    ...state,
    members: state.members.map((member) => ({ ...member, role: roleOf(member) })),
    bannedDevices: PersistentSet(bannedDevices),
  };
}

function hasSame(one: PersistentSet<DeviceId>, other: ReadonlySet<DeviceId>): boolean {
  return one.size === other.size && one.every((device) => other.has(device));
}
