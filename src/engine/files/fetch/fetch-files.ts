import { SyncError } from '../../../errors.ts';
import type { RecordOf } from '../../../events/journal-record.ts';
import type { CommitId, DeviceId } from '../../../ids.ts';
import type { FileAnnouncement } from '../../../projections/files.ts';
import type { FileRecord } from '../../../projections/journal/file-record.ts';
import { bytesOf } from '../../../projections/journal/held-bytes.ts';
import { judgeWord } from '../../../projections/journal/words.ts';
import { missingFiles } from '../../../projections/missing-files.ts';
import type { WaitingFile } from '../../../projections/plan/waiting-files.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { FetchOptions } from '../../engine.ts';
import type { EngineParts } from '../../engine-parts.ts';
import { inTurns, nextTurn } from '../../in-turns.ts';
import type { FetchOutcome } from '../../views.ts';
import type { Presence } from '../disk/presence.ts';
import { explainWaiting } from '../views/explain-waiting.ts';
import type { Planner } from './planner.ts';
import { watchOutcomes } from './watch-outcomes.ts';

export interface FetchParts extends Pick<EngineParts, 'keeper' | 'clock' | 'plans' | 'signal'> {
  readonly planner: Planner;
  readonly presence: Presence;
}

/**
 * Wants the files from now on and yields each one's outcome as it comes about. Without `wait` a file's turn also ends when
 * the plan has nothing to do for it but to wait for a time, a device or the user.
 */
export async function* fetchFiles(
  conversation: LiveConversation,
  parts: FetchParts,
  { interactions, wait = false, signal: given }: FetchOptions,
): AsyncGenerator<FetchOutcome> {
  const { clock, planner, plans } = parts;
  const signal = given ? AbortSignal.any([given, parts.signal]) : parts.signal;
  const wanted = await wantedFiles(conversation, parts, interactions);
  const since = clock.now();
  // Subscribed before anything is set off, so that nothing is missed.
  const planned = plans.subscribe({ signal });
  using watched = watchOutcomes(wanted, { ...parts, signal, isWaitingLong: wait });
  await accept(conversation, wanted, { ...parts, isNamed: interactions !== undefined });
  planner.poke();

  // Only a plan that has seen the latest facts tells whether there is more to do.
  for await (const _ of planned) {
    for (const some of inTurns(watched.toLookAt())) {
      const waitingFor = wait ? undefined : planner.waitingIn(conversation);
      yield* watched.settle(some, (file) => outcomeOf(conversation, file, { parts, since, waitingFor }));
      await nextTurn();
    }
    if (watched.areAllSettled()) return;
  }
  signal.throwIfAborted();
}

async function accept(
  conversation: LiveConversation,
  files: readonly FileAnnouncement[],
  parts: FetchParts & { readonly isNamed: boolean },
): Promise<void> {
  for (const some of inTurns(files)) {
    parts.keeper.recordAll(some.flatMap((file) => acceptance(conversation, file, parts) ?? []));
    await nextTurn();
  }
}

async function wantedFiles(
  conversation: LiveConversation,
  { presence, keeper }: FetchParts,
  interactions: readonly CommitId[] | undefined,
): Promise<readonly FileAnnouncement[]> {
  const files = interactions && named(conversation, interactions);
  await presence.scan(conversation, interactions);
  return files ?? missingFiles(conversation.states().files, keeper.state()).map(({ file }) => file);
}

function named({ id, states }: LiveConversation, interactions: readonly CommitId[]): readonly FileAnnouncement[] {
  return interactions.map((interaction) => {
    const file = states().files.announced.get(interaction);
    if (!file) throw new SyncError('INTERACTION_UNKNOWN', { conversation: id, interaction });
    return file;
  });
}

/** What the user refused, cancelled or paused is not meant by "everything": that is taken back by name only. */
function acceptance(
  { id: conversation }: LiveConversation,
  file: FileAnnouncement,
  { keeper, clock, isNamed }: FetchParts & { readonly isNamed: boolean },
): RecordOf<'file-accepted'> | undefined {
  const { interaction, fileId } = file;
  const record = keeper.state().files.get(interaction);
  const isHeldBack = record?.wish !== undefined && record.wish !== 'accepted';
  if (record?.presence.kind === 'verified' || (isHeldBack && !isNamed)) return undefined;
  if (judgeWord('accept', { file, record }).verdict !== 'said') return undefined;
  return { kind: 'file-accepted', conversation, interaction, fileId, at: clock.now() };
}

interface Asking {
  readonly parts: FetchParts;
  readonly since: number;
  /** What a file waits for; absent when whatever it waits for is waited for here too. */
  readonly waitingFor: ((interaction: CommitId) => WaitingFile | undefined) | undefined;
}

/** Undefined while there is something to do, or to wait for, on the file's behalf. */
function outcomeOf(
  conversation: LiveConversation,
  file: FileAnnouncement,
  { parts, since, waitingFor }: Asking,
): FetchOutcome | undefined {
  const record = parts.keeper.state().files.get(file.interaction);
  const isDeleted = conversation.states().files.announced.get(file.interaction)?.isDeleted ?? false;
  if (isDeleted) return describe(file, 'deleted', { record, since });
  if (record?.presence.kind === 'verified') return describe(file, 'complete', { record, since });
  if (record?.wish !== undefined && record.wish !== 'accepted') return describe(file, record.wish, { record, since });
  const waiting = waitingFor?.(file.interaction);
  if (!waiting || !IDLE_STEPS.has(waiting.waitsFor.step)) return undefined;
  return {
    ...describe(file, 'waiting', { record, since }),
    holders: waiting.holders,
    waitsFor: explainWaiting(waiting, { now: parts.clock.now(), asks: record?.asks }),
  };
}

const IDLE_STEPS: ReadonlySet<string> = new Set([
  ...['back-off', 'await-source', 'await-link', 'await-space', 'unavailable', 'await-user', 'await-room'],
]);

function describe(
  { interaction, fileId, displayName, totalSize, digest }: FileAnnouncement,
  outcome: FetchOutcome['outcome'],
  { record, since }: { record: FileRecord | undefined; since: number },
): FetchOutcome {
  const bytes = outcome === 'complete' ? totalSize : bytesOf(record);
  return {
    interaction,
    fileId,
    displayName,
    outcome,
    bytes,
    totalSize,
    sha3sum: digest,
    from: sourcesSince(record, since),
  };
}

function sourcesSince(record: FileRecord | undefined, since: number): readonly DeviceId[] {
  const subs = record?.subTransfers.filter(({ direction, lastAt }) => direction === 'receiving' && lastAt >= since);
  return [...new Set(subs?.map(({ peer }) => peer))];
}
