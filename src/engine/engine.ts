/** The public face of a running engine. */
import type { GroupMode } from '../conversation/decisions/create.ts';
import type { Interaction } from '../events/interaction.ts';
import type { Mode } from '../events/kinds/conversation-created.ts';
import type { FileRequest } from '../events/peer/file-request.ts';
import type { BandwidthChange, BandwidthLimits } from '../fetcher/pace/bandwidth.ts';
import type { RequestCounts } from '../fetcher/request-counts.ts';
import type { AccountUri, CommitId, ConversationId, DeviceId, FileId } from '../ids.ts';
import type { DhtState } from '../net/discovery/dht-membership.ts';
import type { PortMappingState } from '../net/mapping/port-mapping.ts';
import type { LinkView, PathKind } from '../net/net.ts';
import type { Log } from '../ports.ts';
import type { FileAnnouncement } from '../projections/files.ts';
import type { RefusedHead } from '../projections/journal/quarantine.ts';
import type { MemberView } from '../projections/members.ts';
import type { HoldersView } from '../projections/plan/why.ts';
import type { PolicyExplanation } from '../projections/policy/explain-policy.ts';
import type { Policy } from '../projections/policy/policy.ts';
import type { EntryView, TimelinePage } from '../projections/timeline/timeline-page.ts';
import type { TransferView } from '../projections/transfers.ts';
import type { BanView } from './conversations/ban-view.ts';
import type { ConversationWrites } from './conversations/conversation-writes.ts';
import type { RelayOption } from './devices/relay-options.ts';
import type { FileWords } from './files/file-words.ts';
import type { DiskShortage } from './home/disk-room.ts';
import type { ConversationSummary, FetchOutcome, InvitationView, WaitingView, WhyView } from './views.ts';

export interface EngineOptions {
  /** An account directory, made by `createAccount`. One engine at a time runs on it. */
  readonly home: string;
  /** DHT nodes to start from, `host:port` each. Nothing else is ever contacted unasked. Empty: no DHT, links only from others. */
  readonly bootstrap: readonly string[];
  /**
   * The IP addresses to listen on and to be reached at, or `any` for all of this machine but the loopback; 127.0.0.1 by
   * default. Addresses may come and go meanwhile.
   */
  readonly host?: string | readonly string[];
  /**
   * Whether devices on the local network are found by multicast DNS, with a DHT or without one. By default unless `host` is
   * the loopback. Only who knows the account is answered.
   */
  readonly lan?: boolean;
  /**
   * Whether the router is asked to let connections from the internet in to this device (by PCP, NAT-PMP or UPnP), for as
   * long as the engine runs. It is not by default.
   */
  readonly portMapping?: boolean;
  /** TURN servers for when two devices cannot reach each other, in the order in which they are tried. None by default. */
  readonly relays?: readonly RelayOption[];
  /** Kinds of path to other devices, best first; by default all that are of use. */
  readonly paths?: readonly PathKind[];
  /** What is fetched without asking the user; small pictures by default. */
  readonly policy?: Policy;
  /** How fast files may move at first; as fast as they can by default. Kept for this run only, as the policy is. */
  readonly bandwidth?: BandwidthLimits;
  readonly log?: Log;
  /** Ends the engine, as `close` does. */
  readonly signal?: AbortSignal;
}

export interface Engine extends AsyncDisposable {
  readonly account: { readonly uri: AccountUri; readonly device: DeviceId; readonly name: string };
  /** Where this device listens at the moment, `host:port` each. */
  readonly addresses: readonly string[];
  readonly conversations: Conversations;
  /** The open links to other devices. */
  readonly links: readonly LinkView[];
  /** Links, what moves or has moved, and what every file that is missing here waits for. */
  status(): EngineStatus;
  /** What happens from now on, in all conversations and beside them, until the signal fires or the engine ends. */
  changes(options: { readonly signal: AbortSignal }): AsyncIterable<EngineChange>;
  /** How fast files may move. */
  bandwidth(): BandwidthLimits;
  /** Holds at once, also for what is moving, until the engine ends. Throws USAGE for a rate below `BANDWIDTH_MIN`. */
  limitBandwidth(change: BandwidthChange): void;
  /** Resolves when the engine has ended; rejects with DEVICE_REVOKED when it did so because its account revoked this device. */
  readonly ended: Promise<void>;
  /** Acts on what `revokeDevice` has left in the home. Throws FILE_FAILED. */
  takeRevocations(): Promise<void>;
  /** Ends everything in order; resolves when the home may be opened again. */
  close(): Promise<void>;
}

export interface EngineStatus {
  readonly account: Engine['account'];
  readonly links: readonly LinkView[];
  /** Whether devices are found through the DHT. */
  readonly dht: DhtState;
  /** Whether the router lets others in to this device. */
  readonly portMapping: PortMappingState;
  /** Of all conversations. */
  readonly transfers: readonly TransferView[];
  /** What is missing here, and what each of it waits for. */
  readonly waiting: readonly WaitingView[];
  /** Set while the disk has less than the policy's reserve, so that no commits are taken in; files wait for the same. */
  readonly diskShortage?: DiskShortage;
  /** What other devices asked for since the engine started. */
  readonly requests: RequestCounts;
  /** Commits that devices offered and that are no part of the log here, the oldest first. */
  readonly refused: readonly RefusedHead[];
  /** Conversations that this account, or this device, was banned from. */
  readonly bans: readonly BanView[];
}

export interface CreateOptions {
  readonly title?: string;
  /** Makes a conversation between two, this account being one of them; otherwise it is a group. */
  readonly with?: AccountUri;
  /** Who may invite to a group: members (`invites-only`, unless said otherwise), or admins alone. */
  readonly mode?: GroupMode;
}

export interface Conversations {
  /** With this account as its first admin. Throws REFUSED. */
  create(options?: CreateOptions): Promise<ConversationHandle>;
  /** Throws CONVERSATION_UNKNOWN. */
  open(conversation: ConversationId): ConversationHandle;
  /**
   * Clones and validates the conversation from a device that invited this account, and joins; a link that breaks meanwhile
   * has it begin again. Throws NOT_INVITED, HISTORY_REFUSED, DISK_RESERVED, TIMED_OUT, the signal's reason, and where no device
   * that has it is reached, why the last one was not: DEVICE_NOT_FOUND, DEVICE_UNREACHABLE, CHANNEL_CLOSED among others.
   */
  join(conversation: ConversationId, options?: { readonly signal?: AbortSignal }): Promise<ConversationHandle>;
  list(): readonly ConversationSummary[];
  /** Invitations that were not followed yet. */
  invitations(): readonly InvitationView[];
}

export interface SendFileOptions {
  /** The name to announce; that of the file unless given. */
  readonly displayName?: string;
  /** Fired before the file was announced, it leaves nothing. */
  readonly signal?: AbortSignal;
  /** Told, ten times a second at most, how far the file was read, which a big one takes minutes for; nothing is announced before. */
  readonly onHashed?: (progress: ReadProgress) => void;
  /** The same, before, of a file on another file system: it is copied, as it cannot be linked. */
  readonly onCopied?: (progress: ReadProgress) => void;
}

/** How much of a file that is to be sent was read, in bytes. */
export interface ReadProgress {
  readonly bytes: number;
  readonly totalSize: number;
  /** Absent until there is something to measure. */
  readonly bytesPerSecond?: number;
}

export interface SentFile {
  readonly interaction: Interaction;
  readonly fileId: FileId;
  /** The serving of the file, as it stands when looked at. */
  readonly transfer: () => TransferView | undefined;
}

export interface ReadStreamOptions {
  /** First byte to read; 0 unless given. */
  readonly start?: number;
  /** The byte to stop before; the file's size unless given. */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

export interface FetchOptions {
  /** These files only; every missing one without it. */
  readonly interactions?: readonly CommitId[];
  /** Go on until every file is complete, refused, paused, cancelled or deleted, however long nobody has it. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
}

export interface ConversationHandle extends ConversationWrites, FileWords {
  readonly id: ConversationId;
  readonly mode: Mode;
  /** The message, or the file, that a person means by a word, as `findFile`. Throws INTERACTION_UNKNOWN, AMBIGUOUS. */
  findMessage(word: string): CommitId;
  /** The member, or the device of one, that a person means by its id or the first digits of it. Throws MEMBER_UNKNOWN, AMBIGUOUS. */
  findMember(word: string): AccountUri | DeviceId;
  /** Announces a file and keeps it ready for whoever asks. Throws FILE_FAILED, DISK_FULL, REFUSED, the signal's reason. */
  sendFile(path: string, options?: SendFileOptions): Promise<SentFile>;
  /**
   * A page of entries, the newest first, `TIMELINE_PAGE` of them unless `limit` says otherwise; `next` of a page is the `before`
   * of the one after it. Throws USAGE for a `before` that is no entry.
   */
  timeline(options?: { readonly before?: CommitId; readonly limit?: number }): TimelinePage;
  members(): readonly MemberView[];
  /**
   * The ban that this account, or this device, was told of, while it holds. What is written meanwhile stays here; it reaches the
   * others if they lift the ban.
   */
  heldBan(): BanView | undefined;
  /**
   * The file that a person means by a word: its name, the interaction that announced it, its file id, or as many first digits of
   * them as no other file has. Throws INTERACTION_UNKNOWN, AMBIGUOUS.
   */
  findFile(word: string): FileAnnouncement;
  /** What the file waits for, who is known to hold it, and how the last try with each device ended. Throws INTERACTION_UNKNOWN. */
  why(interaction: CommitId): WhyView;
  /** How many devices are known to hold the file, missing here or not. Throws INTERACTION_UNKNOWN. */
  holders(interaction: CommitId): HoldersView;
  /** Whether the policy would have the file fetched, and why. Throws INTERACTION_UNKNOWN. */
  explainPolicy(interaction: CommitId): PolicyExplanation;
  /** What moved, moves, or may move, in either direction: files that are missing here, and files that are given to others. */
  transfers(): readonly TransferView[];
  /** What this device lacks, and what each of it waits for. */
  missing(): readonly WaitingView[];
  /**
   * Gets what is missing now; yields each file's outcome as it ends, or as there is nothing to do for it but to wait. Throws
   * INTERACTION_UNKNOWN, the signal's reason, and CANCELLED when the engine ends.
   */
  fetch(options?: FetchOptions): AsyncIterable<FetchOutcome>;
  /**
   * The bytes of a file, verified, in order: as they lie here, or as they arrive, and then what is read next is fetched
   * first. Reading a file that is not here asks for it, as `accept` does, and waits until it comes, the signal fires, or the
   * engine closes. A file announced without chunks can be read once it is complete. `Readable.from` makes a Node stream of it.
   * Throws INTERACTION_UNKNOWN, USAGE for bytes that are not the file's, REFUSED when the file was taken back; while
   * reading, FILE_FAILED, WORKER_FAILED, and the reason of the signal or CANCELLED.
   */
  openReadStream(interaction: CommitId, options?: ReadStreamOptions): AsyncIterable<Uint8Array>;
  /** What happens in the conversation from now on, until the signal fires or the engine ends; links among it. */
  changes(options: { readonly signal: AbortSignal }): AsyncIterable<ConversationChange>;
}

export type ConversationChange =
  /** An entry is new in the timeline, or another commit changed it. */
  | { readonly kind: 'message'; readonly entry: EntryView }
  | { readonly kind: 'member'; readonly member: MemberView }
  /** A file was found to be lacking here. */
  | {
      readonly kind: 'missing';
      readonly interaction: CommitId;
      readonly fileId: FileId;
      readonly state: 'missing' | 'partial' | 'corrupt';
    }
  /** A device offered commits that are not taken in. */
  | { readonly kind: 'refused'; readonly refused: RefusedHead }
  /** An admin has banned this account, or this device. */
  | { readonly kind: 'banned'; readonly ban: BanView }
  /** A file is asked for. */
  | { readonly kind: 'request'; readonly request: FileRequest; readonly fileId: FileId; readonly to: DeviceId }
  /** A transfer moved or changed its phase: told at most ten times a second for each, and how it is in the end. */
  | { readonly kind: 'transfer'; readonly transfer: TransferView }
  | { readonly kind: 'link'; readonly isUp: boolean; readonly device: DeviceId; readonly account: AccountUri };

/** What happened, and in which conversation; a link belongs to none. */
export interface EngineChange {
  readonly conversation: ConversationId | undefined;
  readonly change: ConversationChange | ConversationsChange;
}

/** What happened to the lists of conversations and of invitations. */
export type ConversationsChange =
  /** An account invites this one to a conversation that is not here. */
  | { readonly kind: 'invitation'; readonly invitation: InvitationView }
  /** The conversation is new here: made, joined, or taken over from another device of the account. */
  | { readonly kind: 'conversation' };
