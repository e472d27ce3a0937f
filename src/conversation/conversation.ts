import type { Interaction } from '../events/interaction.ts';
import type { Mode } from '../events/kinds/conversation-created.ts';
import type { LinearizedHistory } from '../events/linearized-history.ts';
import type { Verify } from '../identity/signature.ts';
import type { CommitId, ConversationId } from '../ids.ts';
import type { Channel, Log } from '../ports.ts';
import { createCheckpointKeeper } from './checkpoint/checkpoint-keeper.ts';
import type { LogCheckpoint } from './checkpoint/log-checkpoint.ts';
import type { Intent } from './decisions/decide.ts';
import type { DecisionState } from './decisions/decision.ts';
import type { IsRevoked } from './judge/judge-standing.ts';
import { readSigned, type SignedCommit } from './judge/read-signed.ts';
import type { Order } from './log/history.ts';
import type { LogState } from './log/log-state.ts';
import type { Membership } from './membership/membership.ts';
import { type ConversationProfile, parseProfileCard } from './profile-card.ts';
import type { Repository } from './repository/repository.ts';
import { offerHead } from './sync/offer.ts';
import { type PullOptions, type PullOutcome, pull } from './sync/pull.ts';
import { createSendLists } from './sync/send-lists.ts';
import { serveUploadPack } from './sync/serve-upload-pack.ts';
import { fileAt } from './tree/tree.ts';
import { PROFILE_PATH } from './tree-path.ts';
import { vouch } from './write/vouch.ts';
import { createWriter, type WriterParts } from './write/writer.ts';

/** One conversation's log on this device: an own repository and what its head says. Writes happen one after the other. */
export interface Conversation extends AsyncDisposable {
  readonly id: ConversationId;
  /** For reading. Only the conversation itself writes. */
  readonly repository: Repository;
  mode(): Mode | undefined;
  head(): CommitId;
  membership(): Membership;
  /**
   * From now on the listener hears whenever the membership may have changed, before anybody can be shown or offered a log
   * that says so. It replaces the one before.
   */
  onMembership(listener: () => void): void;
  /** Title, description and picture as the head has them; empty when it has none. */
  profile(): Promise<ConversationProfile>;
  /** What decisions are taken on. */
  state(): DecisionState;
  /** What is said is read when it is asked for. */
  linearized(): LinearizedHistory;
  /** Oldest first, merges included; canonical unless asked otherwise. Reads all of it. */
  interactions(order?: Order): readonly Interaction[];
  /** A commit that is no part of the log, if a device signed it that takes part here. Throws as `readSigned`. */
  readSigned(bytes: Uint8Array): Promise<SignedCommit | undefined>;
  /** Commits what the intent comes to. Throws REFUSED when the conversation's state does not allow it. */
  append(intent: Intent): Promise<Interaction>;
  /**
   * Takes in what the other side of the channel has. What is refused leaves nothing behind. Throws as `fetchPack`,
   * DISK_FULL, FILE_FAILED.
   */
  pull(channel: Channel, options: PullOptions): Promise<PullOutcome>;
  /** Has what a revoked device signed last stand for those, too, who heard of the revocation first. True when the log has grown. */
  vouch(options: { readonly isRevoked: IsRevoked; readonly signal: AbortSignal }): Promise<boolean>;
  /** Lets the other side of the channel take what it lacks, until it ends the channel. Throws as `serveUploadPack`. */
  serve(channel: Channel, options: { signal: AbortSignal }): Promise<void>;
  /** Waits for what is being written, then lets go of the repository. */
  close(): Promise<void>;
}

export type { PullOutcome };

export interface ConversationParts extends WriterParts {
  readonly id: ConversationId;
  /** How signatures of what comes in are verified. */
  readonly verify?: Verify | undefined;
  readonly checkpoint?: LogCheckpoint;
  /** Hears of a checkpoint that cannot be written. */
  readonly report?: Pick<Log, 'warn'>;
}

const SILENT: Pick<Log, 'warn'> = { warn: () => {} };

/** A conversation over its parts. It owns the repository from now on. */
export function conversationOver(parts: ConversationParts): Conversation {
  const { id, repository, log, clock, checkpoint, report = SILENT } = parts;
  const writer = createWriter(parts);
  const keeper = createCheckpointKeeper({ log, checkpoint, report });
  keeper.follow();
  const close = () =>
    writer.run(async () => {
      await keeper.close();
      await repository[Symbol.asyncDispose]();
    });
  /** Passes on what may have made the log grow. */
  async function grown<T>(growing: Promise<T>): Promise<T> {
    const outcome = await growing;
    keeper.follow();
    return outcome;
  }
  return {
    id,
    repository,
    mode: () => log.founding.mode,
    head: log.head,
    membership: log.membership,
    onMembership: log.onFilesChanged,
    profile: () => readProfile(repository, log),
    state: writer.state,
    linearized: log.linearized,
    interactions: (order = 'canonical') => log.interactions(order),
    readSigned: (bytes) => readSigned(log, bytes),
    append: (intent) => grown(writer.append(intent)),
    pull: (channel, options) => grown(pull({ ...parts, writing: writer }, channel, options)),
    vouch: (options) => writer.run(async () => (await vouch(parts, options)) !== undefined),
    async serve(channel, { signal }) {
      // What was folded, not what a commit under way has just written: who may see that is not known yet.
      const offer = async () => offerHead(log.head());
      const lists = createSendLists(repository.objects, log.history.knownLinks);
      const has = (commit: CommitId) => log.graph.has(commit);
      await serveUploadPack(repository, channel, { conversation: id, clock, signal, offer, lists, has });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readProfile({ objects }: Repository, log: LogState): Promise<ConversationProfile> {
  const file = fileAt(log.tree(), PROFILE_PATH);
  return file ? parseProfileCard(Buffer.from((await objects.read(file.id)).bytes).toString('utf8')) : {};
}
