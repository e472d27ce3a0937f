/** Git objects, packs and what stands around them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseCommit } from '../../src/conversation/commit.ts';
import { parseBundleHeader } from '../../src/conversation/repository/bundle/bundle-header.ts';
import { commitLinks } from '../../src/conversation/repository/objects/commit-links.ts';
import { parseFrame } from '../../src/conversation/repository/objects/object-frame.ts';
import { objectIdOf } from '../../src/conversation/repository/objects/object-id.ts';
import { parseTree } from '../../src/conversation/repository/objects/tree.ts';
import { indexPack } from '../../src/conversation/repository/packs/index-pack.ts';
import { formatPackIndex, parsePackIndex } from '../../src/conversation/repository/packs/pack-index.ts';
import { createPackObjects } from '../../src/conversation/repository/packs/pack-objects.ts';
import type { ObjectType } from '../../src/conversation/repository/repository.ts';
import { idToBytes } from '../../src/id-bytes.ts';
import { CommitId, ObjectId } from '../../src/ids.ts';
import { deltaOf, idDeltaEntry, inPieces, offsetDeltaEntry, packOf, wholeEntry } from '../support/git/packs.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { FuzzTarget } from './target.ts';

const VECTORS = resolve(import.meta.dirname, '../../fixtures/vectors');
const COMMIT = readFileSync(join(VECTORS, 'initial.commit'));
const ID = CommitId.parse('12'.repeat(20));
const TYPES: readonly ObjectType[] = ['commit', 'tree', 'blob', 'tag'];

const LIMITS = { packBytes: 2 ** 20, inflatedBytes: 2 ** 22, workBytes: 2 ** 24, objects: 1000 };

/** Indexes a pack in memory, then reads all that is in it. */
export async function readPack(pack: Uint8Array): Promise<void> {
  const access = {
    size: pack.byteLength,
    at: async (offset: number, length: number) => pack.subarray(offset, offset + length),
  };
  const { entries, checksum } = await indexPack(inPieces(pack, 997), {
    limits: LIMITS,
    access: async () => access,
    breathe: async () => undefined,
    signal: new AbortController().signal,
  });
  const objects = createPackObjects({ access, index: formatPackIndex(entries, checksum), path: 'memory' });
  for (const { id } of entries) await objects.find(id);
}

/** Whole objects and deltas of either kind, some of them right. */
function drawPack(draw: Draw): Uint8Array {
  const entries: Buffer[] = [];
  const contents: Uint8Array[] = [];
  for (let left = draw.below(8); left >= 0; left--) {
    const base = contents.length > 0 && !draw.oneIn(3) ? draw.below(contents.length) : undefined;
    const entry = base === undefined ? drawWhole(draw, contents) : drawDelta(draw, { base, contents, entries });
    entries.push(draw.oneIn(6) ? Buffer.from(mutateBytes(entry, draw)) : entry);
  }
  const pack = packOf(entries, draw.oneIn(10) ? { count: draw.below(2 ** 31) } : {});
  return draw.oneIn(4) ? mutateBytes(pack, draw) : pack;
}

function drawWhole(draw: Draw, contents: Uint8Array[]): Buffer {
  const content = draw.bytes(draw.below(200));
  contents.push(content);
  const size = draw.oneIn(10) ? draw.below(2 ** 31) : content.byteLength;
  return wholeEntry(draw.oneIn(4) ? draw.pick(TYPES) : 'blob', content, size);
}

interface Before {
  readonly base: number;
  readonly contents: Uint8Array[];
  readonly entries: readonly Buffer[];
}

function drawDelta(draw: Draw, { base, contents, entries }: Before): Buffer {
  const from = contents[base] ?? new Uint8Array();
  const kept = draw.below(from.byteLength + 1);
  const added = draw.bytes(draw.below(40));
  contents.push(Buffer.concat([from.subarray(0, kept), added]));
  const right = deltaOf(from.byteLength, kept, added);
  const delta = draw.oneIn(3) ? mutateBytes(right, draw) : right;
  if (draw.oneIn(2)) return idDeltaEntry(objectIdOf('blob', from), delta);
  const distance = entries.slice(base).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return offsetDeltaEntry(draw.oneIn(5) ? draw.below(2 ** 31) : distance, delta);
}

const NAMES = ['a', 'members', '.git', '.GIT', 'git~1', '..', '', 'a/b', 'é', '.gi\u200ct', 'x'.repeat(300)];
const MODES = ['100644', '40000', '120000', '160000', '040000', '0', '1006440', ''];

function drawTree(draw: Draw): Uint8Array {
  const entries = Array.from({ length: draw.below(6) }, () => {
    const id = ObjectId.parse(Buffer.from(draw.bytes(20)).toString('hex'));
    return Buffer.concat([Buffer.from(`${draw.pick(MODES)} ${draw.pick(NAMES)}\0`), idToBytes(id)]);
  });
  const tree = Buffer.concat(entries);
  return draw.oneIn(3) ? mutateBytes(tree, draw) : tree;
}

/** Lines swapped, doubled and taken away, then bytes. */
function drawCommit(draw: Draw): Uint8Array {
  const lines = COMMIT.toString('latin1').split('\n');
  for (let changes = draw.below(3); changes > 0; changes--) {
    const line = draw.oneIn(3) ? `parent ${'ab'.repeat(20)}` : draw.pick(lines);
    lines.splice(draw.below(lines.length), draw.below(2), ...Array.from({ length: draw.below(70) }, () => line));
  }
  const commit = Buffer.from(lines.join('\n'), 'latin1');
  return draw.oneIn(2) ? mutateBytes(commit, draw) : commit;
}

const INDEX = formatPackIndex(
  Array.from({ length: 5 }, (_, at) => ({ id: ObjectId.parse(`${at}d`.repeat(20)), offset: 12 + at, crc: at })),
  new Uint8Array(20),
);
const BUNDLE = Buffer.from(`# v2 git bundle\n-${'ab'.repeat(20)} before\n${'cd'.repeat(20)} refs/heads/main\n\nPACK`);

export const OBJECT_TARGETS: readonly FuzzTarget[] = [
  { name: 'pack', draw: drawPack, read: readPack },
  { name: 'tree', draw: drawTree, read: parseTree },
  {
    name: 'commit',
    draw: drawCommit,
    read(input) {
      parseCommit(ID, input);
      commitLinks(input);
    },
  },
  { name: 'object-frame', draw: (draw) => mutateBytes(Buffer.from('blob 5\0hello'), draw), read: parseFrame },
  {
    name: 'pack-index',
    draw: (draw) => (draw.oneIn(2) ? mutateBytes(INDEX, draw) : resealed(mutateBytes(INDEX.subarray(0, -20), draw))),
    read(input) {
      const index = parsePackIndex(input);
      index.offsetOf(ID);
      for (const id of index.ids()) index.offsetOf(id);
    },
  },
  { name: 'bundle-header', draw: (draw) => mutateBytes(BUNDLE, draw), read: parseBundleHeader },
];

/** With a right checksum, so that what it covers is read. */
function resealed(body: Uint8Array): Uint8Array {
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}
