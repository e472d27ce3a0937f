import type { KnownRefusal } from '../../conversation/clone/take-history.ts';
import type { RecordOf } from '../../events/journal-record.ts';
import type { Growth } from '../conversations/growth.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Pulled } from './pull-commits.ts';

/** What follows a pull: growth, or a refusal that is remembered so that the same head is not fetched again. */
export async function takePulled(
  { growth, keeper, clock, log }: Pick<EngineParts, 'keeper' | 'clock' | 'log'> & { readonly growth: Growth },
  { conversation, from, outcome }: Pulled,
): Promise<void> {
  switch (outcome.outcome) {
    case 'up-to-date':
    case 'diverged':
      return;
    case 'admitted':
      return growth.onGrown(conversation, { from, hasAll: outcome.merged === undefined });
    case 'refused': {
      const { head, why, refusal } = outcome;
      log.warn('a batch of commits was refused', { conversation: conversation.id, from, head, why, ...refusal });
      const about = { conversation: conversation.id, head, from, at: clock.now() };
      return keeper.record({ ...refusedBatch(about, refusal), ...(why === 'unmergeable' && { why }) });
    }
  }
}

/** What the journal says of it. */
export function refusedBatch(
  about: Pick<RecordOf<'batch-refused'>, 'conversation' | 'head' | 'from' | 'at'>,
  { commit, rule, message, path }: KnownRefusal,
): RecordOf<'batch-refused'> {
  return { kind: 'batch-refused', ...about, commit, rule, message, ...(path !== undefined && { file: path }) };
}
