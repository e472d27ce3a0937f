import { messageOf } from '../../../errors.ts';
import { EVICTION_EVERY_MS, EVICTIONS_TRIED } from '../../../limits.ts';
import { type Eviction, evictions } from '../../../projections/policy/evictions.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import { createOneAtATime } from '../../one-at-a-time.ts';
import type { Planner } from '../fetch/planner.ts';
import { type EvictionFactsParts, evictionFacts } from './eviction-facts.ts';

/** Makes room for files that the quota keeps waiting, if the policy says so. */
export interface Evicting {
  /** The plan was made: looks soon whether something waits for room. Cheap to call often. */
  poke(): void;
  /** Resolves when nothing is being removed. */
  idle(): Promise<void>;
}

export interface EvictingParts
  extends EvictionFactsParts,
    Pick<EngineParts, 'keeper' | 'clock' | 'log' | 'policy' | 'chunkLists' | 'signal'> {
  readonly planner: Pick<Planner, 'waiting' | 'world'>;
}

export function createEvicting(parts: EvictingParts): Evicting {
  const { clock, log, live, policy, planner, signal } = parts;
  const rounds = createOneAtATime<'round'>((_, error) => {
    if (!signal.aborted) log.warn('no room could be made', { reason: messageOf(error) });
  });

  async function round(): Promise<void> {
    for (const { conversation, file } of evictionsNow()) {
      const home = live.get(conversation);
      if (home && !signal.aborted) await removeEvicted(home, file, parts);
    }
    await clock.wait(EVICTION_EVERY_MS, signal);
  }

  /** For the first file that waits for room and can be given some. */
  function evictionsNow(): readonly Eviction[] {
    const waiting = [...live.values()].flatMap((conversation) =>
      planner
        .waiting(conversation)
        .filter(({ rule }) => rule === 'over-quota')
        .slice(0, EVICTIONS_TRIED)
        .map(({ file }) => ({ conversation: conversation.id, file })),
    );
    const facts = evictionFacts(parts);
    for (const wanted of waiting) {
      const found = evictions({ ...facts, wanted });
      if (found.length > 0) return found;
    }
    return [];
  }

  return {
    poke() {
      if (policy.evict && policy.quota && !signal.aborted) rounds.run('round', round);
    },
    idle: () => rounds.idle(),
  };
}

/** The journal first: a crash in between leaves a file that the next scan finds, not one that seems to be lost. */
async function removeEvicted(
  { id: conversation, store }: LiveConversation,
  file: Eviction['file'],
  { keeper, clock, chunkLists }: EvictingParts,
): Promise<void> {
  const { interaction, fileId } = file;
  const note = () =>
    keeper.record({ kind: 'file-removed', conversation, interaction, fileId, why: 'evicted', at: clock.now() });
  note();
  await keeper.flushed();
  await store.remove(fileId);
  await chunkLists.forget({ ...file, conversation });
  // A scan may have seen the file between the two.
  if (keeper.state().files.get(interaction)?.presence.kind === 'verified') note();
}
