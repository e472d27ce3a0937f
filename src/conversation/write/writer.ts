import { SyncError } from '../../errors.ts';
import { encode } from '../../events/encode.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { Heading, LinearizedHistory } from '../../events/linearized-history.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { CommitId, DeviceId } from '../../ids.ts';
import type { Clock } from '../../ports.ts';
import { secondsAfter } from '../commit-time.ts';
import { decide, type Intent } from '../decisions/decide.ts';
import type { DecisionState } from '../decisions/decision.ts';
import type { LogState } from '../log/log-state.ts';
import type { Repository } from '../repository/repository.ts';
import { createCommitStore } from './commit-store.ts';
import { createMutex, type Mutex } from './mutex.ts';
import { type PreparedCommit, prepareCommit } from './prepare-commit.ts';
import { selfOf } from './self.ts';

export interface WriterParts {
  readonly repository: Repository;
  readonly log: LogState;
  readonly keys: DeviceKeys;
  readonly clock: Clock;
}

/** The only way to change a log. `run` holds a task off until nothing is being written, and writing until the task is over. */
export interface Writer extends Mutex {
  /** What decisions are taken on. */
  state(): DecisionState;
  /** Commits what the intent comes to. Throws REFUSED when the conversation's state does not allow it. */
  append(intent: Intent): Promise<Interaction>;
}

/** A commit that is signed; it is part of the log once it is stored. */
interface CommitUnderWay {
  readonly prepared: PreparedCommit;
  readonly stored: Promise<Interaction>;
}

/**
 * Signing takes as long as storing: while commits are being flushed to disk, the next ones are signed on top of them.
 *
 * Invariants: commits are stored in the order they were asked for; one whose predecessor could not be stored fails for the
 * same reason, and the one after them starts from what the log has.
 */
export function createWriter(parts: WriterParts): Writer {
  const { log, keys } = parts;
  const signing = createMutex();
  const commits = createCommitStore({ ...parts, isMoreComing: () => asked > 0 && !isAwaited });
  const self = selfOf(keys);
  let last: CommitUnderWay | undefined;
  /** Commits that are not signed yet. */
  let asked = 0;
  /** Nothing more is signed before all is stored. */
  let isAwaited = false;

  const state = (): DecisionState => ({
    self,
    tree: log.tree(),
    membership: log.membership(),
    said: log.said,
    isDeleted: (message) => isTakenBack(log.linearized(), message),
    hostsCall: (confId) => hostsCall(log.linearized(), { ...self, confId }),
  });

  async function untilStored(): Promise<void> {
    isAwaited = true;
    commits.look();
    await last?.stored.catch(() => {});
    isAwaited = false;
  }

  async function begin(intent: Intent): Promise<{ readonly stored: Promise<Interaction> }> {
    // Decisions are taken on files, so a commit that changes some is waited for.
    if (last && last.prepared.tree.id !== log.tree().id) await untilStored();
    const before = last;
    const prepared = await sign(parts, { state: state(), intent, before: before?.prepared });
    const underWay = { prepared, stored: commits.store(prepared) };
    const forget = () => {
      if (last === underWay) last = undefined;
    };
    underWay.stored.then(forget, forget);
    last = underWay;
    return underWay;
  }

  async function signed(intent: Intent): Promise<{ readonly stored: Promise<Interaction> }> {
    asked += 1;
    try {
      return await signing.run(() => begin(intent));
    } finally {
      asked -= 1;
      commits.look();
    }
  }

  return {
    state,
    append: async (intent) => (await signed(intent)).stored,
    run: (task) =>
      signing.run(async () => {
        await untilStored();
        return task();
      }),
  };
}

/** Admission has seen to it that only its author does (rule R46). */
function isTakenBack(history: LinearizedHistory, message: CommitId): boolean {
  const position = history.positionOf(message);
  const changes = position === undefined ? [] : history.changesOf(position);
  return changes.map((change) => history.heading(change).kind).some((kind) => TAKES_BACK.has(kind));
}

const TAKES_BACK: ReadonlySet<Heading['kind']> = new Set(['file-deleted', 'message-deleted']);

/** The last word on a call decides whether it runs. */
function hostsCall(history: LinearizedHistory, call: { readonly device: DeviceId; readonly confId: string }) {
  for (let position = history.length - 1; position >= 0; position -= 1) {
    if (!history.heading(position).kind.startsWith('group-call-')) continue;
    const { content } = history.at(position);
    const event = content.outcome === 'known' ? content.event : undefined;
    if (event?.kind !== 'group-call-started' && event?.kind !== 'group-call-ended') continue;
    if (event.confId === call.confId && event.device === call.device) return event.kind === 'group-call-started';
  }
  return false;
}

interface Signing {
  readonly state: DecisionState;
  readonly intent: Intent;
  /** The commit to go on from while it is not part of the log yet. */
  readonly before: PreparedCommit | undefined;
}

async function sign({ log, keys, clock }: WriterParts, { state, intent, before }: Signing) {
  const decision = decide(state, intent);
  if ('refused' in decision) throw new SyncError('REFUSED', { reason: decision.refused, detail: decision.detail });
  const head = before?.commit.id ?? log.head();
  const committedAt = before?.commit.committer.seconds ?? log.graph.get(head)?.committedAt;
  return prepareCommit(keys, {
    tree: log.tree(),
    edits: decision.edits,
    parents: [head],
    seconds: secondsAfter(clock, [committedAt]),
    message: encode(decision.event),
  });
}
