/** The recorded conversation of `fixtures/jami/one-to-one`, and what another implementation says of it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../fixtures/jami/one-to-one');

export const HOLDERS = ['alice', 'alice2', 'bob'] as const;
export type Holder = (typeof HOLDERS)[number];

export const bundleOf = (holder: Holder): string => join(folder, `${holder}.bundle`);
export const dataOf = (holder: Holder): string => join(folder, 'conversation_data', holder);

export interface ExpectedFile {
  readonly id: string;
  readonly fileId: string;
  readonly displayName: string;
  readonly totalSize: string;
  readonly sha3sum: string;
  readonly presentOn: Readonly<Record<Holder, { readonly state: string; readonly symlink: string | null }>>;
}

export interface ExpectedCommit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly authorDevice: string;
  readonly memberUri: string;
  readonly timestamp: number;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** A message as the daemon gave it to its client, newest first. */
export interface LoadedMessage {
  readonly id: string;
  readonly linearizedParent: string;
  /** Joined by commas; empty for the first commit. */
  readonly parents: string;
  readonly author: string;
  /** Decimal seconds. */
  readonly timestamp: string;
  readonly type: string;
  readonly fileId?: string;
}

export interface Expected {
  readonly conversationId: string;
  readonly members: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, string>>;
  readonly holders: Readonly<
    Record<
      Holder,
      {
        readonly head: string;
        readonly commitCount: number;
        readonly mergeCount: number;
        /** Lines of `git ls-tree -r`. */
        readonly treeAtHead: readonly string[];
      }
    >
  >;
  readonly commits: readonly ExpectedCommit[];
  readonly fileTransfers: readonly ExpectedFile[];
  readonly daemonLoadedMessages: Readonly<
    Record<
      Holder,
      {
        readonly head: string;
        readonly messages: readonly LoadedMessage[];
      }
    >
  >;
}

export const expected: Expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;

/**
 * The order of all replicas, worked out the plain way: of the commits whose parents are placed, the earliest, then the
 * smallest id.
 */
export function canonicalCommits(): readonly ExpectedCommit[] {
  const [placed, left] = [new Map<string, ExpectedCommit>(), new Set(expected.commits)];
  while (left.size > 0) {
    const [next] = [...left]
      .filter(({ parents }) => parents.every((parent) => placed.has(parent)))
      .sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
    if (!next) throw new TypeError('a commit without its parents');
    placed.set(next.id, next);
    left.delete(next);
  }
  return [...placed.values()];
}

/** Uris by the folder of the tree that holds their file. */
export function treeMembers(holder: Holder): Readonly<Record<string, string>> {
  const paths = expected.holders[holder].treeAtHead.map((line) => line.split('\t')[1] ?? '');
  const named = paths.map((path) => /^(admin|member|invited)s?\/(\w{40})/.exec(path));
  return Object.fromEntries(named.flatMap((found) => (found ? [[found[2], found[1]]] : [])));
}
