import { SyncError } from '../errors.ts';
import type { Mode } from '../events/conversation-created.ts';
import { encode } from '../events/encode.ts';
import type { Interaction } from '../events/interaction.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import type { CommitId, ConversationId } from '../ids.ts';
import { SYNC_MS } from '../limits.ts';
import type { Channel, Clock } from '../ports.ts';
import { secondsAfter } from './commit-time.ts';
import { decide, type Intent } from './decisions/decide.ts';
import type { DecisionState } from './decisions/decision.ts';
import type { Order } from './history.ts';
import type { LogState } from './log-state.ts';
import type { Membership } from './membership.ts';
import { judgePrepared } from './merge-heads.ts';
import { createMutex } from './mutex.ts';
import { prepareCommit, writePrepared } from './prepare-commit.ts';
import { type ConversationProfile, parseProfileCard } from './profile-card.ts';
import type { Repository } from './repository/repository.ts';
import { selfOf } from './self.ts';
import { type PullOptions, type PullOutcome, pull } from './sync/pull.ts';
import { serveUploadPack } from './sync/serve-upload-pack.ts';
import { fileAt } from './tree/tree.ts';
import { PROFILE_PATH } from './tree-path.ts';

/** One conversation's log on this device: an own repository and what its head says. Writes happen one after the other. */
export interface Conversation extends AsyncDisposable {
  readonly id: ConversationId;
  /** For reading. Only the conversation itself writes. */
  readonly repository: Repository;
  mode(): Mode | undefined;
  head(): CommitId;
  membership(): Membership;
  /** Title, description and picture as the head has them; empty when it has none. */
  profile(): Promise<ConversationProfile>;
  /** What decisions are taken on. */
  state(): DecisionState;
  /** Oldest first, merges included; canonical unless asked otherwise. A list once handed out does not change. */
  interactions(order?: Order): readonly Interaction[];
  /** Commits what the intent comes to. Throws REFUSED when the conversation's state does not allow it. */
  append(intent: Intent): Promise<Interaction>;
  /** Takes in what the other side of the channel has. What is refused leaves nothing behind. Throws as `fetchPack` and `stagePack`. */
  pull(channel: Channel, options: PullOptions): Promise<PullOutcome>;
  /** Lets the other side of the channel take what it lacks, until it ends the channel. Throws as `serveUploadPack`. */
  serve(channel: Channel, options: { signal: AbortSignal }): Promise<void>;
  /** Waits for what is being written, then lets go of the repository. */
  close(): Promise<void>;
}

export type { PullOutcome };

export interface ConversationParts {
  readonly id: ConversationId;
  readonly repository: Repository;
  readonly log: LogState;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
}

/** A conversation over its parts. It owns the repository from now on. */
export function conversationOver(parts: ConversationParts): Conversation {
  const { id, repository, log, keys, clock } = parts;
  const writing = createMutex();
  const self = selfOf(keys);
  const state = (): DecisionState => ({
    self,
    tree: log.tree(),
    membership: log.membership(),
    has: (commit) => log.graph.has(commit),
  });
  const close = () => writing.run(async () => repository[Symbol.asyncDispose]());
  return {
    id,
    repository,
    mode: () => log.founding.mode,
    head: log.head,
    membership: log.membership,
    profile: () => readProfile(repository, log),
    state,
    interactions: (order = 'canonical') => log.interactions(order),
    append: (intent) => writing.run(() => append(parts, state(), intent)),
    pull: (channel, options) => pull({ ...parts, writing }, channel, options),
    async serve(channel, { signal }) {
      await serveUploadPack(repository, channel, { conversation: id, clock, signal });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readProfile({ objects }: Repository, log: LogState): Promise<ConversationProfile> {
  const file = fileAt(log.tree(), PROFILE_PATH);
  return file ? parseProfileCard(Buffer.from((await objects.read(file.id)).bytes).toString('utf8')) : {};
}

async function append(parts: ConversationParts, state: DecisionState, intent: Intent): Promise<Interaction> {
  const { repository, log, keys, clock } = parts;
  const decision = decide(state, intent);
  if ('refused' in decision) throw new SyncError('REFUSED', { reason: decision.refused, detail: decision.detail });
  const head = log.head();
  const prepared = await prepareCommit(keys, {
    tree: log.tree(),
    edits: decision.edits,
    parents: [head],
    seconds: secondsAfter(clock, [log.graph.get(head)?.committedAt]),
    message: encode(decision.event),
  });
  const [flaw] = await judgePrepared({ ...log, objects: repository.objects }, prepared);
  if (flaw) throw new SyncError('REFUSED', { reason: flaw.rule, detail: flaw.message });
  await writePrepared(repository, prepared);
  await repository.moveHead({ from: head, to: prepared.commit.id });
  const [interaction] = await log.advance(prepared.commit.id, { signal: AbortSignal.timeout(SYNC_MS) });
  if (decision.edits.length > 0) await repository.checkOut();
  if (!interaction) throw new SyncError('UNREACHABLE', { value: prepared.commit.id });
  return interaction;
}
