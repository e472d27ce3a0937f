import { SyncError } from '../../errors.ts';
import { encode } from '../../events/encode.ts';
import { decide, type Intent } from '../decisions/decide.ts';
import type { DecisionState } from '../decisions/decision.ts';
import { type CommitContent, contentOf } from './prepare-commit.ts';

/** Who asks for a commit that is not signed yet. */
export interface Wish {
  readonly intent: Intent;
}

/** Turns wishes into what commits say. */
export interface Deciding {
  /** Throws REFUSED. */
  content(wish: Wish): CommitContent;
  /** What `content` will return for the wish, unless it is refused: then that is said when it is asked for. */
  ahead(wish: Wish | undefined): void;
  /** The state is another one: nothing has been decided ahead. */
  forget(): void;
}

export function createDeciding(state: () => DecisionState): Deciding {
  let known: { readonly wish: Wish; readonly content: CommitContent } | undefined;

  function contentFor({ intent }: Wish): CommitContent {
    const before = state();
    const decision = decide(before, intent);
    if ('refused' in decision) throw new SyncError('REFUSED', { reason: decision.refused, detail: decision.detail });
    return contentOf({ tree: before.tree, edits: decision.edits, message: encode(decision.event) });
  }

  return {
    content: (wish) => (known?.wish === wish ? known.content : contentFor(wish)),
    ahead(wish) {
      known = undefined;
      try {
        known = wish && { wish, content: contentFor(wish) };
      } catch {}
    },
    forget() {
      known = undefined;
    },
  };
}
