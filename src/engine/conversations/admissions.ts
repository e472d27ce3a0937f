import type { RecordOf } from '../../events/journal-record.ts';
import type { CommitId, DeviceId } from '../../ids.ts';
import { COMMITS_ADMITTED_PER_TURN } from '../../limits.ts';
import type { Clock, Milliseconds } from '../../ports.ts';
import { nextTurn } from '../in-turns.ts';
import type { JournalKeeper } from '../journal/journal-keeper.ts';
import type { LiveConversation } from './live-conversation.ts';

/** That commits have become part of the log here. */
export function admissions(
  { id: conversation }: Pick<LiveConversation, 'id'>,
  commits: readonly CommitId[],
  { at, from }: { readonly at: Milliseconds; readonly from?: DeviceId | undefined },
): readonly RecordOf<'commit-admitted'>[] {
  return commits.map((commit) => ({
    kind: 'commit-admitted',
    conversation,
    commit,
    ...(from && { from }),
    at,
  }));
}

export interface AdmitHistory {
  readonly keeper: Pick<JournalKeeper, 'state' | 'recordAll'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Journals what the journal lacks of a history, with turns for others in between: of a conversation that is new here it knows
 * nothing yet, and a crash may have kept a record from it.
 */
export async function admitHistory(
  conversation: Pick<LiveConversation, 'id' | 'history'>,
  { keeper, clock }: AdmitHistory,
): Promise<void> {
  const history = conversation.history();
  for (let position = 0; position < history.length; await nextTurn()) {
    // Asked for anew: others may have journalled some of it in their turns.
    const known = keeper.state().admitted.get(conversation.id);
    const lacking: CommitId[] = [];
    for (const end = Math.min(history.length, position + COMMITS_ADMITTED_PER_TURN); position < end; position += 1) {
      const id = history.idAt(position);
      if (!known?.has(id)) lacking.push(id);
    }
    keeper.recordAll(admissions(conversation, lacking, { at: clock.now() }));
  }
}
