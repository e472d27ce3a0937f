import type { Interaction } from '../../events/interaction.ts';
import { type AccountUri, DeviceId } from '../../ids.ts';
import { type CommitExchange, peopleOf } from '../commits/commit-exchange.ts';
import type { BanNews } from '../devices/ban-news.ts';
import type { Invitations } from '../devices/invitations.ts';
import type { PeerKeeper } from '../devices/peer-keeper.ts';
import type { EngineParts } from '../engine-parts.ts';
import { type Deletions, filesTouchedBy } from '../files/disk/deletions.ts';
import type { Presence } from '../files/disk/presence.ts';
import { recoverStaged } from '../files/disk/recover-staged.ts';
import type { Planner } from '../files/fetch/planner.ts';
import type { HoldingsExchange } from '../files/holdings/holdings-exchange.ts';
import { admissions, admitHistory } from './admissions.ts';
import { changesOfGrowth } from './changes-of.ts';
import type { LiveConversation } from './live-conversation.ts';

/** What follows when a conversation has grown, or is new here. */
export interface Growth {
  /**
   * Journals the new commits, tells subscribers and other devices, and plans again. `from` is the device they came from;
   * it is told as well when there is something it does not have, such as our merge of its head.
   */
  onGrown(conversation: LiveConversation, origin?: Origin): Promise<void>;
  /** Takes a conversation into the engine's care: its files are looked at and watched, its people's devices linked. */
  take(conversation: LiveConversation): Promise<void>;
  /** Links the devices of everybody we have a conversation with. */
  keepLinks(): void;
}

export interface Origin {
  readonly from?: DeviceId;
  /** The device has our head. */
  readonly hasAll?: boolean;
}

export interface GrowthDevices {
  readonly own: { tellAll(conversation: LiveConversation): void; people(): Iterable<AccountUri> };
  readonly standing: { readonly news: { tellAll(): Promise<void> } };
  readonly sightings: { noteLinked(): void };
  readonly banNews: Pick<BanNews, 'take' | 'follow'>;
}

export interface GrowthParts extends Pick<EngineParts, 'keys' | 'keeper' | 'clock' | 'feed' | 'live' | 'log'> {
  readonly exchange: Pick<CommitExchange, 'announce'>;
  readonly invitations: Pick<Invitations, 'tellAll'>;
  readonly peers: Pick<PeerKeeper, 'keep' | 'wake'>;
  readonly planner: Pick<Planner, 'follow'>;
  readonly presence: Pick<Presence, 'scan' | 'watch'>;
  readonly deletions: Deletions;
  readonly holdings: Pick<HoldingsExchange, 'follow'>;
  /** Cuts the links, and resets the channels, of devices that are no longer welcome. */
  recheckLinks(): void;
  /** Whom own and revoked devices are told of. They need the growth, and it needs them. */
  devices(): GrowthDevices;
}

export function createGrowth(parts: GrowthParts): Growth {
  const { keys, keeper, clock, feed, live, log } = parts;
  const { exchange, invitations, peers, planner, presence, deletions, holdings } = parts;
  function keepLinks(): void {
    const people = peopleOf(live.values(), keys.account);
    for (const account of parts.devices().own.people()) people.add(account);
    peers.keep(people);
  }

  /**
   * People who are new to each other have revocations to hear of, own devices a conversation to get, and linked devices
   * a place in it.
   */
  function tellDevices(conversation: LiveConversation): void {
    const { own, standing, sightings } = parts.devices();
    sightings.noteLinked();
    void standing.news.tellAll();
    own.tellAll(conversation);
  }

  return {
    keepLinks,
    async onGrown(conversation, { from, hasAll = false } = {}) {
      const fresh = await conversation.refold();
      const ids = fresh.map(({ id }) => id);
      keeper.recordAll(admissions(conversation, ids, { at: clock.now(), from }));
      for (const change of changesOfGrowth(conversation, fresh))
        feed.publish({ conversation: conversation.id, change });
      keepLinks();
      // A member that is let in again is looked up as a new one is; of a single device the account was there all the time.
      for (const device of fresh.flatMap(devicesLetIn)) {
        const owner = conversation.ownerOf(device);
        if (owner) peers.wake(owner);
      }
      if (fresh.some(changesMembers)) tellDevices(conversation);
      await parts.devices().banNews.follow(conversation, fresh);
      exchange.announce(conversation, hasAll ? from : undefined);
      invitations.tellAll(conversation);
      const touched = filesTouchedBy(fresh);
      planner.follow(conversation, touched);
      holdings.follow(conversation);
      await deletions.sweep(conversation, touched);
    },
    async take(conversation) {
      live.set(conversation.id, conversation);
      // A ban reaches the links before the log that holds it can reach the banned: they learn nothing of it from here.
      conversation.log.onMembership(parts.recheckLinks);
      parts.recheckLinks();
      await admitHistory(conversation, parts);
      await recoverStaged(conversation, { self: keys.device, log });
      await deletions.sweep(conversation);
      await parts.devices().banNews.take(conversation);
      presence.watch(conversation);
      await presence.scan(conversation);
      keepLinks();
      // What others told of while it was being cloned was not heard.
      exchange.announce(conversation);
      tellDevices(conversation);
      planner.follow(conversation);
      holdings.follow(conversation);
      feed.publish({ conversation: conversation.id, change: { kind: 'conversation' } });
    },
  };
}

function devicesLetIn({ content }: Interaction): readonly DeviceId[] {
  if (content.outcome !== 'known' || content.event.kind !== 'member-unbanned') return [];
  const device = DeviceId.safeParse(content.event.uri).data;
  return device ? [device] : [];
}

function changesMembers({ content }: Interaction): boolean {
  return content.outcome === 'known' && content.event.kind.startsWith('member-');
}
