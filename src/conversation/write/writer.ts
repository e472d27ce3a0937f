import type { Interaction } from '../../events/interaction.ts';
import type { DeviceKeys } from '../../identity/identity.ts';
import type { Clock } from '../../ports.ts';
import { secondsAfter } from '../commit-time.ts';
import type { Intent } from '../decisions/decide.ts';
import type { DecisionState } from '../decisions/decision.ts';
import type { LogState } from '../log/log-state.ts';
import type { Repository } from '../repository/repository.ts';
import { appendAhead, type Begun } from './append-ahead.ts';
import { createCommitStore } from './commit-store.ts';
import { type CommitUnderWay, commitUnderWay } from './commit-under-way.ts';
import { createDeciding, type Wish } from './deciding.ts';
import { decisionStateOf } from './decision-state.ts';
import { createMutex, type Mutex } from './mutex.ts';
import { type CommitContent, type SignedCommit, signCommit, unsignedCommit } from './prepare-commit.ts';
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

/**
 * Signing takes as long as everything else, and one signature stands on the other. So nothing comes between two: while a commit is
 * being signed, the one before it is handed over to be stored, and what the next one will say is decided.
 *
 * Invariants: commits are stored in the order they were asked for; one whose predecessor could not be stored fails for the
 * same reason, and the one after them starts from what the log has.
 */
export function createWriter(parts: WriterParts): Writer {
  const { log, keys } = parts;
  const turns = createMutex();
  const commits = createCommitStore({ ...parts, isMoreComing: () => wishes.length > 0 && !isAwaited });
  const self = selfOf(keys);
  const state = () => decisionStateOf(log, self);
  const deciding = createDeciding(state);
  let last: CommitUnderWay | undefined;
  /** In the order they were asked for; the first one may be under the pen. */
  const wishes: Wish[] = [];
  /** Nothing more is signed before all is stored. */
  let isAwaited = false;

  async function untilStored(): Promise<void> {
    isAwaited = true;
    deciding.forget();
    last?.handOver();
    commits.look();
    await last?.stored.catch(() => {});
    isAwaited = false;
  }

  const changesFiles = ({ tree }: CommitContent) => tree.id !== log.tree().id;

  async function begin(wish: Wish): Promise<CommitUnderWay> {
    // Decisions are taken on files, so a commit that changes some is waited for.
    if (last && changesFiles(last.signed.content)) await untilStored();
    const content = deciding.content(wish);
    const before = last;
    const unsigned = unsignedCommit(keys, content, placeAfter(parts, before?.signed));
    const signing = signCommit(keys, unsigned);
    before?.handOver();
    deciding.ahead(changesFiles(content) ? undefined : wishes[1]);
    // On top of one that is not stored yet it is judged when that is, and stored together with others.
    const begun = before ? undefined : appendAhead(parts, { unsigned, signing });
    const commit = commitUnderWay(await orTakenBack(signing, begun), begun, commits.store);
    const forget = () => {
      if (last === commit) last = undefined;
    };
    commit.stored.then(forget, forget);
    last = commit;
    return commit;
  }

  async function signed(intent: Intent): Promise<CommitUnderWay> {
    const wish = { intent };
    wishes.push(wish);
    return turns.run(async () => {
      try {
        return await begin(wish);
      } finally {
        wishes.shift();
        if (wishes.length === 0) last?.handOver();
        commits.look();
      }
    });
  }

  return {
    state,
    append: async (intent) => (await signed(intent)).stored,
    run: (task) =>
      turns.run(async () => {
        await untilStored();
        return task();
      }),
  };
}

/** What was written down of a commit that cannot be signed is gone before anything else is. */
async function orTakenBack(signing: Promise<SignedCommit>, begun: Begun | undefined): Promise<SignedCommit> {
  try {
    return await signing;
  } catch (error) {
    await begun?.appended.catch(() => {});
    throw error;
  }
}

/** On top of the commit that is not part of the log yet, if there is one. */
function placeAfter({ log, clock }: WriterParts, before: SignedCommit | undefined) {
  const head = before?.id ?? log.head();
  const committedAt = before?.seconds ?? log.graph.get(head)?.committedAt;
  return { parents: [head], seconds: secondsAfter(clock, [committedAt]) };
}
