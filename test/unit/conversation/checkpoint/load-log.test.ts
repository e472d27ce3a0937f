/** Opening from a checkpoint comes to what opening from the commits comes to. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCheckpointKeeper } from '../../../../src/conversation/checkpoint/checkpoint-keeper.ts';
import type { LogCheckpoint } from '../../../../src/conversation/checkpoint/log-checkpoint.ts';
import type { UnlinkedInteraction } from '../../../../src/conversation/log/interaction-of.ts';
import { type LogState, loadLog } from '../../../../src/conversation/log/log-state.ts';
import type { RepositoryReader } from '../../../../src/conversation/repository/repository.ts';
import { SyncError } from '../../../../src/errors.ts';
import type { CommitId } from '../../../../src/ids.ts';
import { CHECKPOINT_SEGMENT } from '../../../../src/limits.ts';
import { foundGroup } from '../../../support/conversation/judged-group.ts';
import { rowsOf, saidIn } from '../../../support/conversation/rows.ts';

const { signal } = new AbortController();
const words = (body: string) => ({ type: 'text/plain', body });

/** Two branches, each written and merged into the other one twice; then somebody joins. */
async function forkedHistory() {
  const { forge, alice, bob, carol } = await foundGroup();
  let tips: readonly [CommitId, CommitId] = [forge.head, forge.head];
  for (const round of [1, 2]) {
    const ours = await forge.commit({ by: alice, says: words(`ours ${round}`), on: [tips[0]] });
    const theirs = await forge.commit({ by: bob, says: words(`theirs ${round}`), on: [tips[1]] });
    const merge = (by: typeof alice, on: readonly [CommitId, CommitId]) =>
      forge.commit({ by, says: `Merge commit '${on[1]}'`, on });
    tips = [await merge(alice, [ours, theirs]), await merge(bob, [theirs, ours])];
  }
  await forge.commit({ by: alice, says: `Merge commit '${tips[1]}'`, on: tips });
  const head = await forge.join(carol);
  return { reader: forge.reader(), head, before: tips[0] };
}

/** A checkpoint in memory. */
function kept(...given: (readonly UnlinkedInteraction[])[]) {
  const segments = given.flatMap((all) => rowsOf(all));
  const checkpoint: LogCheckpoint = {
    async *load() {
      yield* segments;
    },
    append: async (more) => void segments.push(...more),
    drop: async () => void segments.splice(0),
  };
  return { checkpoint, segments };
}

function seen(log: LogState) {
  return {
    ...{ head: log.head(), tree: log.tree(), membership: log.membership(), founding: log.founding },
    ...{ canonical: log.interactions('canonical'), jami: log.interactions('jami') },
    placed: new Map([...log.graph.commits()].map(({ id, generation }) => [id, generation])),
  };
}

describe('a log with a checkpoint', () => {
  let reader: RepositoryReader;
  let before: CommitId;
  let whole: LogState;
  let all: readonly UnlinkedInteraction[];

  beforeAll(async () => {
    const made = await forkedHistory();
    before = made.before;
    reader = { ...made.reader, head: async () => made.head };
    whole = await loadLog(reader, { signal });
    all = saidIn([...whole.takeUnkept(1)]);
  });

  it('is the log without one, wherever the checkpoint ends and however it came about', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length), fc.nat(all.length), async (a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const { checkpoint } = kept(all.slice(0, first), all.slice(first, second));
        const log = await loadLog(reader, { signal, checkpoint });
        expect(seen(log)).toEqual(seen(whole));
        expect([...log.takeUnkept(0)].flatMap(({ contentsEnd }) => [...contentsEnd])).toHaveLength(all.length - second);
      }),
      { numRuns: 15 },
    );
  });

  it('goes on from a checkpoint as from the commits', async () => {
    const { checkpoint } = kept(all.slice(0, 5));
    const log = await loadLog({ ...reader, head: async () => before }, { signal, checkpoint });
    await log.advance(whole.head(), { signal });
    expect(seen(log)).toEqual(seen(whole));
  });

  it('reads no commit twice but the first and the newest one, which it needs for themselves', async () => {
    const reads: string[] = [];
    const read: typeof reader.objects.read = async (id) => {
      const object = await reader.objects.read(id);
      if (object.type === 'commit') reads.push(id);
      return object;
    };
    const log = await loadLog({ ...reader, objects: { ...reader.objects, read } }, { signal });
    const twice = reads.filter((id, place) => reads.indexOf(id) < place);
    expect(new Set(reads).size).toBe(all.length);
    expect(new Set(twice)).toEqual(new Set([all[0]?.id, log.head()]));
  });

  it('drops a checkpoint of more than its head reaches, and is read anew', async () => {
    const { checkpoint, segments } = kept(all);
    const back = { ...reader, head: async () => before };
    const log = await loadLog(back, { signal, checkpoint });
    expect(seen(log)).toEqual(seen(await loadLog(back, { signal })));
    expect(segments).toEqual([]);
  });
});

describe('the keeper of a checkpoint', () => {
  const interaction = (n: number): UnlinkedInteraction => ({
    ...{ id: String(n).padStart(40, '0') as CommitId, parents: [], device: 'd' as UnlinkedInteraction['device'] },
    ...{ committedAt: n, content: { outcome: 'unknown', type: 'x', raw: {} } },
  });

  function logOf(size: number) {
    let unkept = size;
    const takeUnkept = (atLeast: number) => {
      if (unkept < atLeast || unkept === 0) return [];
      const taken = Array.from({ length: unkept }, (_, n) => interaction(n));
      unkept = 0;
      return rowsOf(taken);
    };
    const grow = (count: number) => {
      unkept += count;
    };
    return { log: { takeUnkept, graph: { size } }, grow };
  }

  it('keeps what makes a segment, and the rest when the log is closed', async () => {
    const { log, grow } = logOf(CHECKPOINT_SEGMENT);
    const { checkpoint, segments } = kept();
    const keeper = createCheckpointKeeper({ log, checkpoint, report: { warn: () => {} } });
    keeper.follow();
    await keeper.close();
    grow(2);
    keeper.follow();
    await keeper.close();
    expect(segments.map(({ headed }) => headed.length)).toEqual([CHECKPOINT_SEGMENT, 2]);
  });

  it('leaves a short log alone', async () => {
    const { checkpoint, segments } = kept();
    const { log } = logOf(CHECKPOINT_SEGMENT - 1);
    await createCheckpointKeeper({ log, checkpoint, report: { warn: () => {} } }).close();
    expect(segments).toEqual([]);
  });

  it('says when it cannot write, and leaves no gap behind', async () => {
    const { log, grow } = logOf(CHECKPOINT_SEGMENT);
    const { checkpoint, segments } = kept();
    const warnings: string[] = [];
    let isFull = true;
    const failing: LogCheckpoint = {
      ...checkpoint,
      async append(more) {
        if (isFull) throw new SyncError('DISK_FULL', { path: 'checkpoint' });
        await checkpoint.append(more);
      },
    };
    const keeper = createCheckpointKeeper({
      ...{ log, checkpoint: failing },
      report: { warn: (message) => void warnings.push(message) },
    });
    keeper.follow();
    await keeper.close();
    isFull = false;
    grow(CHECKPOINT_SEGMENT);
    await keeper.close();
    expect(warnings).toHaveLength(1);
    expect(segments).toEqual([]);
  });
});
