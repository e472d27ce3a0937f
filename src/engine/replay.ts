import { type Order, readHistory } from '../conversation/log/history.ts';
import { openSource } from '../conversation/repository/open-source-adapter.ts';
import { SyncError } from '../errors.ts';
import type { Interaction } from '../events/interaction.ts';
import type { CommitId } from '../ids.ts';
import { evolveAll, initialStates, type ProjectionSet, type StatesOf } from '../projections/projection-set.ts';

export interface ReplayStep<Projections extends ProjectionSet> {
  /** Place in the order, from 0. */
  readonly position: number;
  readonly interaction: Interaction;
  /** What every projection says once this interaction is folded. Stays valid while the replay goes on. */
  readonly states: StatesOf<Projections>;
}

export interface ReplayOptions<Projections extends ProjectionSet> {
  readonly projections: Projections;
  /** The last interaction to fold; the replay ends with it. */
  readonly until?: CommitId;
  /** For a path as the source; `canonical` unless given. Merges are part of both. */
  readonly order?: Order;
  /** Goes on after this step of an earlier replay of the same source. */
  readonly after?: ReplayStep<Projections>;
  readonly signal?: AbortSignal;
}

/**
 * Folds a conversation from its beginning, one interaction a step: no network, no clock, no home.
 * `source` is a work tree, git directory, bare repository or bundle, or interactions in their order.
 * The same source gives the same steps; a prefix and then the rest give the whole.
 *
 * Throws SOURCE_MISSING, SOURCE_UNREADABLE, OBJECT_MISSING, OBJECT_CORRUPT; USAGE when `until` does not occur,
 * or when `after` is no step of this source.
 */
export async function* replay<Projections extends ProjectionSet>(
  source: string | Iterable<Interaction>,
  options: ReplayOptions<Projections>,
): AsyncGenerator<ReplayStep<Projections>> {
  const history = typeof source === 'string' ? await readSource(source, options) : source;
  for (const step of fold(history, options)) {
    options.signal?.throwIfAborted();
    yield step;
  }
}

async function readSource(
  path: string,
  { order = 'canonical', signal = new AbortController().signal }: { order?: Order; signal?: AbortSignal },
): Promise<readonly Interaction[]> {
  await using reader = await openSource(path, { signal });
  return await readHistory(reader, { order, signal });
}

function* fold<Projections extends ProjectionSet>(
  history: Iterable<Interaction>,
  { projections, until, after }: ReplayOptions<Projections>,
): Generator<ReplayStep<Projections>> {
  if (until !== undefined && until === after?.interaction.id) return;
  let states = after?.states ?? initialStates(projections);
  for (const { position, interaction } of restOf(history, after)) {
    states = evolveAll(projections, states, interaction);
    yield { position, interaction, states };
    if (interaction.id === until) return;
  }
  if (until !== undefined) throw new SyncError('USAGE', { detail: `${until} does not occur in this source.` });
}

interface Placed {
  readonly position: number;
  readonly interaction: Interaction;
}

/** What follows a step. Its place has to be the same, not only its id: a late commit may have slipped in before it. */
function* restOf(history: Iterable<Interaction>, after: Placed | undefined): Generator<Placed> {
  let position = 0;
  for (const interaction of history) {
    if (position === after?.position && interaction.id !== after.interaction.id) throw notThere(after);
    if (after === undefined || position > after.position) yield { position, interaction };
    position += 1;
  }
  if (after && position <= after.position) throw notThere(after);
}

function notThere({ interaction: { id } }: Placed): SyncError {
  return new SyncError('USAGE', {
    detail: `${id} stands at another place in this source by now; replay it from the beginning.`,
  });
}
