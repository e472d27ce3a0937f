import { BinaryHeap } from '../../binary-heap.ts';
import { SyncError } from '../../errors.ts';
import type { CommitId } from '../../ids.ts';
import { type CommitLinks, commitLinks } from './objects/commit-links.ts';
import type { Objects } from './repository.ts';

interface WalkedCommit extends CommitLinks {
  readonly id: CommitId;
}

export interface MissingCommits {
  /** Reachable from the wants and not from the haves, in the order the walk met them: roughly newest first. */
  readonly missing: readonly WalkedCommit[];
  /** The haves, and those commits before the haves that missing ones stand on. */
  readonly boundary: readonly WalkedCommit[];
}

interface Node extends WalkedCommit {
  isWanted: boolean;
  isHad: boolean;
  isWaiting: boolean;
}

export interface MissingRange {
  readonly wants: readonly CommitId[];
  readonly haves: readonly CommitId[];
  /** What is missing goes no further back than these. */
  readonly wantsEndAt?: ReadonlySet<CommitId>;
  /** Who has one of these does not have its parents. */
  readonly havesEndAt?: ReadonlySet<CommitId>;
  /** What is in memory of commits, which are not read then. */
  readonly knownLinks?: KnownLinks;
}

export type KnownLinks = (id: CommitId) => CommitLinks | undefined;

/** Steps the walk always takes on the side of the haves, beyond one for each missing commit. */
const SLACK = 64;

/**
 * Walks back from both sides at once, newest first, until everything still waiting is before a have.
 *
 * Commit times only order the walk. Where a clock was wrong, a have may wait behind commits that it contains; so the
 * side of the haves goes on for as many steps again as commits are missing, which finds them at a cost in proportion to
 * what would be sent. Should it not find them all, too much is sent, never too little. `onMissing` is told how many are
 * missing, as far as it has walked. Throws OBJECT_MISSING, OBJECT_CORRUPT, MALFORMED.
 */
export async function walkMissing(
  objects: Objects,
  range: MissingRange,
  onMissing: (count: number) => void = () => {},
): Promise<MissingCommits> {
  const { wants, haves } = range;
  const walk = new TwoSidedWalk(objects, range);
  for (const id of haves) await walk.mark(id, { isWanted: false, isHad: true });
  for (const id of wants) await walk.mark(id, { isWanted: true, isHad: false });
  while (walk.openCount > 0) {
    await walk.step();
    onMissing(walk.missingCount);
  }
  for (let steps = walk.missingCount + SLACK; steps > 0 && walk.missingCount > 0; steps--) await walk.step();
  const missing = walk.missing();
  const boundaryIds = new Set([...haves, ...missing.flatMap(({ parents }) => parents)]);
  return { missing, boundary: walk.hadAmong(boundaryIds) };
}

class TwoSidedWalk {
  /** Commits that wait to be walked and are not known to be before a have. */
  openCount = 0;
  missingCount = 0;
  readonly #objects: Objects;
  readonly #wantsEndAt: ReadonlySet<CommitId>;
  readonly #havesEndAt: ReadonlySet<CommitId>;
  readonly #knownLinks: KnownLinks;
  readonly #nodes = new Map<CommitId, Node>();
  readonly #waiting = new BinaryHeap<Node>(
    (a, b) => a.committedAt > b.committedAt || (a.committedAt === b.committedAt && a.id > b.id),
  );

  constructor(objects: Objects, range: MissingRange) {
    const { wantsEndAt = new Set(), havesEndAt = new Set(), knownLinks = () => undefined } = range;
    this.#objects = objects;
    this.#wantsEndAt = wantsEndAt;
    this.#havesEndAt = havesEndAt;
    this.#knownLinks = knownLinks;
  }

  async mark(
    id: CommitId,
    { isWanted, isHad }: { readonly isWanted: boolean; readonly isHad: boolean },
  ): Promise<void> {
    const node = this.#nodes.get(id) ?? (await this.#load(id, isWanted));
    if (!node || ((node.isWanted || !isWanted) && (node.isHad || !isHad))) return;
    this.#count(node, -1);
    node.isWanted ||= isWanted;
    node.isHad ||= isHad;
    if (!node.isWaiting) {
      node.isWaiting = true;
      this.#waiting.push(node);
    }
    this.#count(node, 1);
  }

  /** Walks the newest waiting commit: its parents learn what it knows. */
  async step(): Promise<void> {
    const node = this.#waiting.pop();
    if (!node) return;
    this.#count(node, -1);
    node.isWaiting = false;
    this.#count(node, 1);
    const isWanted = node.isWanted && !this.#wantsEndAt.has(node.id);
    const isHad = node.isHad && !this.#havesEndAt.has(node.id);
    if (!isWanted && !isHad) return;
    for (const parent of node.parents) await this.mark(parent, { isWanted, isHad });
  }

  missing(): readonly WalkedCommit[] {
    return [...this.#nodes.values()].filter(isMissing);
  }

  hadAmong(ids: ReadonlySet<CommitId>): readonly WalkedCommit[] {
    return [...ids].flatMap((id) => this.#nodes.get(id) ?? []).filter(({ isHad }) => isHad);
  }

  #count(node: Node, change: 1 | -1): void {
    if (!isMissing(node)) return;
    this.missingCount += change;
    if (node.isWaiting) this.openCount += change;
  }

  async #load(id: CommitId, isWanted: boolean): Promise<Node | undefined> {
    const links = this.#knownLinks(id) ?? (await this.#readLinks(id, isWanted));
    if (!links) return undefined;
    const { tree, parents, committedAt } = links;
    const node = { id, tree, parents, committedAt, isWanted: false, isHad: false, isWaiting: false };
    this.#nodes.set(id, node);
    return node;
  }

  async #readLinks(id: CommitId, isWanted: boolean): Promise<CommitLinks | undefined> {
    const { type, bytes } = await this.#objects.read(id);
    if (type === 'commit') return commitLinks(bytes);
    if (!isWanted) return undefined;
    throw new SyncError('MALFORMED', { what: 'git object', detail: `${id} should be a commit and is a ${type}` });
  }
}

function isMissing({ isWanted, isHad }: Node): boolean {
  return isWanted && !isHad;
}
