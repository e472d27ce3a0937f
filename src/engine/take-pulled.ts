import type { EngineParts } from './engine-parts.ts';
import type { Growth } from './growth.ts';
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
      const { commit, rule, message } = outcome.refusal;
      const { id } = conversation;
      log.warn('a batch of commits was refused', { conversation: id, from, commit, rule, message });
      keeper.record({
        kind: 'batch-refused',
        conversation: id,
        head: outcome.head,
        from,
        commit,
        rule,
        at: clock.now(),
      });
    }
  }
}
