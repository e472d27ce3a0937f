import { type HoldingKey, holdingKey } from '../../events/peer/holdings.ts';
import type { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import type { LinkKind, PeerIdentity } from '../../ports.ts';
import { announcedFiles, type FileAnnouncement } from '../files.ts';
import type { JournalState } from '../journal/journal-state.ts';
import type { MembersState } from '../members.ts';
import type { PlannedConversation } from './plan.ts';
import { type Linked, possibleSources, type Source } from './sources.ts';

interface Followed {
  readonly files: PlannedConversation['files'];
  readonly members: MembersState;
  readonly sources: ReadonlyMap<DeviceId, Source>;
  /** The announced files, as holdings name them. */
  readonly byKey: Map<HoldingKey, CommitId>;
}

export interface FollowedOptions {
  readonly self: PeerIdentity;
  journal(): Pick<JournalState, 'revoked' | 'seen'>;
}

/** The conversations a plan is for: their files, and the devices that could be asked, as the links are now. */
export class FollowedConversations {
  readonly #options: FollowedOptions;
  readonly #followed = new Map<ConversationId, Followed>();
  /** In which conversation a file was announced. */
  readonly #homes = new Map<CommitId, ConversationId>();
  #linked: readonly Linked[] = [];
  #links: ReadonlyMap<DeviceId, LinkOf> = new Map();

  constructor(options: FollowedOptions) {
    this.#options = options;
  }

  /**
   * Takes the conversation as it is now; `changed` are the announcements that are new or were taken back, all without it.
   * Gives them back, and the devices that have come, or gone, as sources.
   */
  follow(
    { conversation, files, members }: PlannedConversation,
    changed?: readonly CommitId[],
  ): { readonly changed: readonly CommitId[]; readonly devices: readonly DeviceId[] } {
    const before = this.#followed.get(conversation);
    const given = changed ?? Array.from(announcedFiles(files), ({ interaction }) => interaction);
    const byKey = before?.byKey ?? new Map<HoldingKey, CommitId>();
    for (const interaction of given) {
      byKey.set(holdingKey(interaction), interaction);
      this.#homes.set(interaction, conversation);
    }
    const sources = before && before.members === members ? before.sources : this.#sourcesOf(members);
    this.#followed.set(conversation, { files, members, sources, byKey });
    return { changed: given, devices: before ? differing(before.sources, sources) : [] };
  }

  /** The links are these now. Returns the devices whose link came, went, or is another one. */
  link(linked: readonly Linked[]): readonly DeviceId[] {
    const links = linksOf(linked);
    const news = differing(this.#links, links);
    if (news.length === 0) return news;
    this.#linked = linked;
    this.#links = links;
    this.sift();
    return news;
  }

  /**
   * Devices were revoked, were seen for the first time, or are linked otherwise. Returns those that are sources no
   * more, or otherwise.
   */
  sift(): readonly DeviceId[] {
    const news = new Set<DeviceId>();
    for (const [conversation, followed] of this.#followed) {
      const sources = this.#sourcesOf(followed.members);
      for (const device of differing(followed.sources, sources)) news.add(device);
      this.#followed.set(conversation, { ...followed, sources });
    }
    return [...news];
  }

  isLinked(device: DeviceId): boolean {
    return this.#links.has(device);
  }

  linkKinds(): ReadonlySet<LinkKind> {
    return new Set(this.#linked.flatMap(({ kind }) => kind ?? []));
  }

  sources(conversation: ConversationId): ReadonlyMap<DeviceId, Source> | undefined {
    return this.#followed.get(conversation)?.sources;
  }

  /** The announcement of a file, and where it was made. */
  find(interaction: CommitId): { readonly conversation: ConversationId; readonly file: FileAnnouncement } | undefined {
    const conversation = this.#homes.get(interaction);
    const file = conversation && this.#followed.get(conversation)?.files.announced.get(interaction);
    return file && { conversation, file };
  }

  /** The files that holdings name. */
  named(conversation: ConversationId, keys: readonly HoldingKey[]): readonly CommitId[] {
    const byKey = this.#followed.get(conversation)?.byKey;
    return keys.flatMap((key) => byKey?.get(key) ?? []);
  }

  #sourcesOf(members: MembersState): ReadonlyMap<DeviceId, Source> {
    const { self, journal } = this.#options;
    const { revoked, seen } = journal();
    const sources = possibleSources(members, { self, linked: this.#linked, revoked, seen });
    return new Map(sources.map((source) => [source.device, source]));
  }
}

type LinkOf = Pick<Source, 'linkedSince' | 'link'>;

function linksOf(linked: readonly Linked[]): ReadonlyMap<DeviceId, LinkOf> {
  return new Map(linked.map(({ peer, since, kind }) => [peer.device, { linkedSince: since, link: kind }]));
}

/** Devices that are in one of the two only, or linked otherwise. */
function differing(before: ReadonlyMap<DeviceId, LinkOf>, after: ReadonlyMap<DeviceId, LinkOf>): readonly DeviceId[] {
  const isSame = (device: DeviceId) => {
    const [was, is] = [before.get(device), after.get(device)];
    return before.has(device) === after.has(device) && was?.linkedSince === is?.linkedSince && was?.link === is?.link;
  };
  return [...new Set([...before.keys(), ...after.keys()])].filter((device) => !isSame(device));
}
