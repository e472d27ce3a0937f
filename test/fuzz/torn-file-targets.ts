/** Files that a crash may cut anywhere: what stands whole before the break counts, and nothing behind it. */
import { deepStrictEqual, ok } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import {
  digestOfEntry,
  formatRedoEntry,
  NO_ENTRY,
  parseRedoEntries,
  type RedoEntry,
  type WrittenEntry,
} from '../../src/conversation/repository/redo/redo-entry.ts';
import { CommitId } from '../../src/ids.ts';
import { formatSegment, parseSegment } from '../../src/segment.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { FuzzTarget } from './target.ts';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => CommitId.parse(digit.repeat(40))) as [CommitId, CommitId, CommitId];

const ENTRIES: readonly RedoEntry[] = [
  { from: A, to: B, objects: [{ type: 'blob', bytes: Buffer.from('one') }] },
  { from: B, to: C, objects: [{ type: 'blob', bytes: Buffer.alloc(300, 'two') }] },
];
const FIRST = formatRedoEntry(ENTRIES[0] as RedoEntry, NO_ENTRY);
const REDO_FILE = Buffer.concat([FIRST, formatRedoEntry(ENTRIES[1] as RedoEntry, digestOfEntry(FIRST))]);

/** Whatever the bytes, no entry comes out that was not put in, and none without those before it. */
function readRedo(input: Uint8Array): void {
  const found = parseRedoEntries(Buffer.from(input));
  deepStrictEqual(found.map(plain), ENTRIES.slice(0, found.length).map(plain));
}

const plain = ({ from, to, objects }: WrittenEntry) => ({ from, to, bytes: objects.map(({ bytes }) => [...bytes]) });

const VALUES = [{ of: 'a log', length: 3 }, new Map([[1, 'one']])];
const SEGMENTS = Buffer.concat(VALUES.map(formatSegment));

/** Repeated, a segment is itself; changed, it is none. */
function readSegments(input: Uint8Array): void {
  const bytes = Buffer.from(input);
  for (let segment = parseSegment(bytes, 0); segment; segment = parseSegment(bytes, segment.end)) {
    const { value } = segment;
    ok(VALUES.some((written) => isDeepStrictEqual(value, written)));
  }
}

export const TORN_FILE_TARGETS: readonly FuzzTarget[] = [
  { name: 'redo-file', draw: (draw) => mutateBytes(REDO_FILE, draw), read: readRedo },
  { name: 'segments', draw: (draw) => mutateBytes(SEGMENTS, draw), read: readSegments },
];
