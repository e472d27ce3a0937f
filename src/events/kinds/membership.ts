/** `member` and `vote`: who came, went, was banned or voted on (docs/format.md, "Commit messages"). */
import * as z from 'zod';
import { AccountUri, DeviceId } from '../../ids.ts';
import { type WireBody, wireTarget } from './wire-body.ts';

const Target = z.union([AccountUri, DeviceId]);

export const MemberAdded = z.object({ kind: z.literal('member-added'), uri: AccountUri });
export const MemberJoined = z.object({ kind: z.literal('member-joined'), uri: AccountUri });
export const MemberLeft = z.object({ kind: z.literal('member-left'), uri: AccountUri });
/** `uri` is a device id when a single device is banned. */
export const MemberBanned = z.object({ kind: z.literal('member-banned'), uri: Target });
export const MemberUnbanned = z.object({ kind: z.literal('member-unbanned'), uri: Target });
/** What is voted stands in the tree only; the body names the target. */
export const VoteCast = z.object({ kind: z.literal('vote-cast'), uri: Target });

export const MembershipEvent = z.discriminatedUnion('kind', [
  MemberAdded,
  MemberJoined,
  MemberLeft,
  MemberBanned,
  MemberUnbanned,
  VoteCast,
]);
export type MembershipEvent = z.infer<typeof MembershipEvent>;

const KIND_OF_ACTION = {
  add: 'member-added',
  join: 'member-joined',
  remove: 'member-left',
  ban: 'member-banned',
  unban: 'member-unbanned',
} as const;

const MemberWire = z.object({
  type: z.literal('member'),
  action: z.enum(['add', 'join', 'remove', 'ban', 'unban']),
  uri: wireTarget,
});
const VoteWire = z.object({ type: z.literal('vote'), uri: wireTarget });

export function memberFromWire(body: WireBody): MembershipEvent {
  const { action, uri } = MemberWire.parse(body);
  return MembershipEvent.parse({ kind: KIND_OF_ACTION[action], uri });
}

export function voteFromWire(body: WireBody): MembershipEvent {
  return { kind: 'vote-cast', uri: VoteWire.parse(body).uri };
}

export function membershipToWire({ kind, uri }: MembershipEvent): WireBody {
  if (kind === 'vote-cast') return { type: 'vote', uri };
  const action = Object.entries(KIND_OF_ACTION).find(([, name]) => name === kind)?.[0];
  return { type: 'member', action, uri };
}
