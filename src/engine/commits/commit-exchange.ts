import { backOff } from '../../back-off.ts';
import { isActive, type Membership } from '../../conversation/membership/membership.ts';
import { messageOf } from '../../errors.ts';
import type { AccountUri, CommitId, ConversationId, DeviceId } from '../../ids.ts';
import { PULL_HEDGE_MS, PULL_RETRY_MAX_MS, PULL_RETRY_MS, REFUSED_WAIT_MAX_MS } from '../../limits.ts';
import type { Net } from '../../net/net.ts';
import type { Clock, Log, Milliseconds, PeerIdentity, Random } from '../../ports.ts';
import type { LiveConversation } from '../conversations/live-conversation.ts';
import type { Messenger } from '../devices/messenger.ts';
import { type CommitAnnouncement, PEER_MESSAGE_TYPES } from '../devices/peer-message.ts';
import type { CommitRoom } from '../home/commit-room.ts';
import { createOneAtATime } from '../one-at-a-time.ts';
import { createHeadsLeft } from './heads-left.ts';
import { createHeadsWanted, type WantedHead } from './heads-wanted.ts';
import { type MergeTurn, mergeTurn } from './merge-turn.ts';
import { type Pulled, pullCommits } from './pull-commits.ts';
import { createPutOff } from './put-off.ts';
import { createUnderWay } from './under-way.ts';

export interface CommitExchangeOptions {
  readonly self: PeerIdentity;
  readonly net: Pick<Net, 'openChannel' | 'links'>;
  readonly messenger: Pick<Messenger, 'send'>;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly room: Pick<CommitRoom, 'available' | 'guard'>;
  conversation(id: ConversationId): LiveConversation | undefined;
  /** A head that was refused is not fetched again, unless it may be another device's fault. */
  isRefused(head: CommitId, from: DeviceId): boolean;
  /** Until when nothing is fetched from the device in this conversation; 0 when it offered nothing bad lately. */
  leftAloneUntil(conversation: ConversationId, from: DeviceId): Milliseconds;
  /** Whether the account no longer stands behind the device. */
  isRevoked(peer: PeerIdentity): boolean;
  /** Told after each pull. */
  onPulled(pulled: Pulled): Promise<void>;
}

/** Keeps the conversations of linked devices in step: tells them of new heads, and pulls when they tell of theirs. */
export interface CommitExchange {
  /** Tells every linked device of the conversation's people what our head is now, but for the one it came from. */
  announce(conversation: LiveConversation, except?: DeviceId): void;
  /** Tells one device. */
  announceTo(conversation: LiveConversation, device: DeviceId): void;
  onAnnouncement(from: DeviceId, announcement: CommitAnnouncement): void;
  /** Resolves when no pull is under way. */
  idle(): Promise<void>;
}

/**
 * Who announces what is not here is pulled from, one pull per device and conversation at a time, and one per head unless
 * it is slow. A pull that fails is tried again while the link is there: nobody else will bring it up. Who announces less
 * than what is here is told of it. A device that offered commits which were refused is left alone for a while, and nothing is
 * begun without room on the disk.
 *
 * Two heads are merged by one device (`mergeTurn`); the others put the head aside until the merge comes, or the time is up.
 */
export function createCommitExchange(options: CommitExchangeOptions): CommitExchange {
  const { self, net, log, clock, signal } = options;
  const pulls = createOneAtATime<string>((key, error) => {
    if (!signal.aborted) log.warn('pull failed', { key, reason: messageOf(error) });
  });
  const underWay = createUnderWay<CommitId>({ clock, signal, patience: PULL_HEDGE_MS });
  const left = createHeadsLeft();
  const wanted = createHeadsWanted();
  const hearLater = createPutOff<Wanted>({ clock, signal, act: goOn });
  const { announceTo, announceToAll } = announcing(options);

  function start(conversation: LiveConversation, told: WantedHead): void {
    const key = `${told.from}/${conversation.id}`;
    const isLacking = ({ from, commit }: WantedHead) => !conversation.has(commit) && !options.isRefused(commit, from);
    wanted.note(key, told);
    pulls.run(key, async () => {
      const head = wanted.take(key, isLacking);
      if (!head) return;
      const rest = options.leftAloneUntil(conversation.id, head.from) - clock.now();
      if (rest > 0) return hearLater(key, { conversation, head }, Math.min(rest, REFUSED_WAIT_MAX_MS));
      const others = underWay.othersOf(head.commit);
      if (others !== undefined) await others;
      if (isLacking(head)) await pull(conversation, head).catch((error: unknown) => again(conversation, head, error));
    });
  }

  async function pull(conversation: LiveConversation, { from, commit, merging }: WantedHead): Promise<void> {
    let turn: MergeTurn | undefined;
    const mayMerge = (stacked: number) => {
      turn = turnIn(conversation, stacked, options);
      return merging === 'at-once' || turn.wait === 0;
    };
    const outcome = await underWay.add(
      commit,
      pullCommits(conversation, { ...options, isRefused: (head) => options.isRefused(head, from), from, mayMerge }),
    );
    if (outcome.outcome !== 'diverged' || !turn) return;
    const ready = left.add([commit, outcome.head], from);
    // Whoever is to merge has to have our head for that.
    if (turn.leader !== self.device) announceTo(conversation, turn.leader);
    later(turn.wait, () => {
      for (const from of ready()) start(conversation, { from, commit: outcome.head, inVain: 0, merging: 'at-once' });
    });
  }

  function again(conversation: LiveConversation, head: WantedHead, error: unknown): void {
    if (signal.aborted) return;
    log.debug('a pull broke off', { from: head.from, reason: messageOf(error) });
    const wait = backOff(head.inVain + 1, { first: PULL_RETRY_MS, longest: PULL_RETRY_MAX_MS });
    later(wait, () => goOn({ conversation, head: { ...head, inVain: head.inVain + 1 } }));
  }

  /** A link that broke is not waited for: when it comes back, everything is announced anew. */
  function goOn({ conversation, head }: Wanted): void {
    if (net.links().some(({ peer }) => peer.device === head.from)) start(conversation, head);
  }

  function later(ms: Milliseconds, act: () => void): void {
    clock.wait(ms, signal).then(act, () => {});
  }

  return {
    announceTo,
    announce: (conversation, except) => announceToAll(conversation, (device) => device !== except),
    onAnnouncement(from, { id, commit }) {
      const conversation = options.conversation(id);
      if (!conversation || options.isRefused(commit, from)) return;
      if (conversation.has(commit)) {
        if (commit !== conversation.head()) announceToAll(conversation, (device) => device === from);
      } else if (!left.isAlsoAt(commit, from)) start(conversation, { from, commit, inVain: 0, merging: 'in-turn' });
    },
    idle: () => pulls.idle(),
  };
}

interface Wanted {
  readonly conversation: LiveConversation;
  readonly head: WantedHead;
}

function announcing({ self, net, messenger, log }: CommitExchangeOptions) {
  /** While a device does not read what it is told, one more waits for it, which tells of the head that there is by then. */
  const telling = createOneAtATime<string>((key, error) => log.debug('not told', { key, reason: messageOf(error) }));

  function announceTo(conversation: LiveConversation, device: DeviceId): void {
    telling.run(`${device}/${conversation.id}`, async () => {
      const commit = conversation.log.head();
      const content: CommitAnnouncement = { id: conversation.id, commit, deviceId: self.device };
      await messenger.send(device, { type: PEER_MESSAGE_TYPES.announcement, content });
    });
  }

  /** To those of the linked devices that may know of it. */
  function announceToAll(conversation: LiveConversation, isMeant: (device: DeviceId) => boolean): void {
    for (const { peer } of net.links())
      if (isMeant(peer.device) && conversation.isShownTo(peer.account, peer.device))
        announceTo(conversation, peer.device);
  }

  return { announceTo, announceToAll };
}

function turnIn(
  conversation: LiveConversation,
  stacked: number,
  { self, net, random }: CommitExchangeOptions,
): MergeTurn {
  const mergers = net.links().filter(({ peer }) => conversation.canMerge(peer));
  const others = mergers.map(({ peer, roundTripMs }) => ({ device: peer.device, roundTripMs }));
  const place = placeOf(self.device, conversation.log.membership());
  return mergeTurn({ self: self.device, others, stacked, place }, random);
}

function placeOf(self: DeviceId, membership: Membership): number {
  const writers = [...membership.members.values()].flatMap(({ uri, devices }) =>
    devices.filter((device) => isActive(membership, uri, device)),
  );
  return writers.filter((device) => device < self).length;
}

/** Accounts that we have something in common with: our own, and the people of all conversations, invited ones too. */
export function peopleOf(conversations: Iterable<LiveConversation>, self: AccountUri): Set<AccountUri> {
  const people = new Set<AccountUri>([self]);
  for (const conversation of conversations) for (const account of conversation.people()) people.add(account);
  return people;
}
