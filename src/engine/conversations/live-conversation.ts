import type { Conversation } from '../../conversation/conversation.ts';
import { isActive } from '../../conversation/membership/membership.ts';
import type { Interaction } from '../../events/interaction.ts';
import { type Heading, kindOf, type LinearizedHistory } from '../../events/linearized-history.ts';
import type { FileStore } from '../../fetcher/ports.ts';
import type { AccountUri, CommitId, ConversationId, DeviceId } from '../../ids.ts';
import type { PeerIdentity } from '../../ports.ts';
import { liveProjections } from '../../projections/built-in.ts';
import { createLiveFolds } from '../../projections/live-folds.ts';
import { type MemberView, membersView } from '../../projections/members.ts';
import type { StatesOf } from '../../projections/projection-set.ts';
import { createEntryFolds, type EntryFolds } from '../../projections/timeline/entry-folds.ts';
import { nextTurn } from '../in-turns.ts';
import { createRoles } from './members-shown.ts';

export type States = StatesOf<typeof liveProjections>;

/** A conversation's log together with its projections, kept in step. */
export interface LiveConversation {
  readonly id: ConversationId;
  readonly log: Conversation;
  readonly store: FileStore;
  /** Of the members, roles and bans are those of the tree of the head. */
  states(): States;
  /** The canonical history, merges included. */
  history(): LinearizedHistory;
  /** For looking at its timeline. */
  readonly entryFolds: EntryFolds;
  /** The head of that history. The log may be ahead of it for a moment, while new commits are being folded. */
  head(): CommitId;
  has(commit: CommitId): boolean;
  /** As last loaded. */
  title(): string | undefined;
  /** Folds in what the log has gained; returns it, in canonical order. */
  refold(): Promise<readonly Interaction[]>;
  /** In the order they first appeared, with the roles that the tree of the head gives them. */
  members(): readonly MemberView[];
  /** Admin or member, on a device that is not banned: as the tree of the head says, as are the next five. */
  isActive(account: AccountUri, device: DeviceId): boolean;
  /** Can join two heads: active, and its certificate is in the log, as it has written before. A merge brings none along. */
  canMerge(peer: PeerIdentity): boolean;
  /** May read the log: who is active, and who is invited. */
  isShownTo(account: AccountUri, device: DeviceId): boolean;
  isInvited(account: AccountUri): boolean;
  /** Whose certificate the device has in the tree. */
  ownerOf(device: DeviceId): AccountUri | undefined;
  /** The member, or this device of a member. */
  isBanned(account: AccountUri, device: DeviceId): boolean;
  /** Everybody whose devices should hear of news. */
  people(): readonly AccountUri[];
}

export async function createLiveConversation(log: Conversation, store: FileStore): Promise<LiveConversation> {
  const folds = createLiveFolds(liveProjections);
  const roles = createRoles();
  let history = log.linearized();
  let head = log.head();
  let title: string | undefined;

  const states = () => {
    const { members, ...others } = folds.states();
    return { members: roles.applied(members, log.membership()), ...others };
  };
  const roleOf = (account: AccountUri) => log.membership().members.get(account)?.role;
  const isBannedDevice = (device: DeviceId) => log.membership().bannedDevices.has(device);
  const isInvited = (account: AccountUri) => roleOf(account) === 'invited';

  /** Folds a history that goes on from the one before; returns what is new. */
  function fold(next: LinearizedHistory): readonly Interaction[] {
    const before = history;
    history = next;
    const fresh: Interaction[] = [];
    for (let position = folds.update(next); position < next.length; position += 1)
      if (before.positionOf(next.idAt(position)) === undefined) fresh.push(next.at(position));
    return fresh;
  }

  async function refold(): Promise<readonly Interaction[]> {
    const fresh = fold(log.linearized());
    head = log.head();
    if (fresh.some(({ content }) => changesProfile(kindOf(content)))) title = (await log.profile()).title;
    return fresh;
  }

  for (const _ of folds.updateInSteps(history)) await nextTurn();
  if (hasProfile(history)) title = (await log.profile()).title;
  return {
    id: log.id,
    log,
    store,
    states,
    history: () => history,
    entryFolds: createEntryFolds(),
    head: () => head,
    has: (commit) => history.positionOf(commit) !== undefined,
    title: () => title,
    refold,
    members: () => membersView(states().members),
    isActive: (account, device) => isActive(log.membership(), account, device),
    canMerge: ({ account, device }) =>
      isActive(log.membership(), account, device) &&
      log.membership().members.get(account)?.devices.includes(device) === true,
    isInvited,
    ownerOf: (device) => [...log.membership().members.values()].find(({ devices }) => devices.includes(device))?.uri,
    isBanned: (account, device) => roleOf(account) === 'banned' || isBannedDevice(device),
    isShownTo: (account, device) =>
      isActive(log.membership(), account, device) || (isInvited(account) && !isBannedDevice(device)),
    people: () =>
      [...log.membership().members.values()]
        .filter(({ role }) => role === 'admin' || role === 'member' || role === 'invited')
        .map(({ uri }) => uri),
  };
}

/** A merge can bring another profile along without saying so. */
function changesProfile(kind: Heading['kind']): boolean {
  return kind === 'merge' || kind === 'profile-updated';
}

function hasProfile(history: LinearizedHistory): boolean {
  for (let position = 0; position < history.length; position += 1)
    if (changesProfile(history.heading(position).kind)) return true;
  return false;
}
