/**
 * What a long conversation takes up on the disk, packed as it grows. Its signatures are random bytes: as long, and as hard
 * to deflate, as real ones, of which so many would take ten minutes.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { formatUnsigned, insertSignature } from '../src/conversation/commit.ts';
import { repack } from '../src/conversation/repository/housekeeping/repack-adapter.ts';
import { frameHeader } from '../src/conversation/repository/objects/object-frame.ts';
import { objectIdOf } from '../src/conversation/repository/objects/object-id.ts';
import { formatTree } from '../src/conversation/repository/objects/tree.ts';
import type { ObjectType } from '../src/conversation/repository/repository.ts';
import { createRepository } from '../src/conversation/repository/repository-adapter.ts';
import { encode } from '../src/events/encode.ts';
import { asCommitId } from '../src/id-bytes.ts';
import type { CommitId, ObjectId } from '../src/ids.ts';
import { LOOSE_OBJECTS } from '../src/limits.ts';
import { TEST_NOW, testAccount } from '../test/support/identity/accounts.ts';
import type { Benchmark } from './figure.ts';
import { eventAt } from './seeded-events.ts';

const SIGNATURE_BYTES = 512;
const MB = 1_000_000;

export const benchStorage: Benchmark = async ({ quick }) => {
  const count = quick ? 100 : 100_000;
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    await (await createRepository(folder))[Symbol.asyncDispose]();
    const objects = join(folder, '.git/objects');
    let packing = 0;
    let written = 0;
    for await (const _ of messages(objects, count)) {
      if (++written % LOOSE_OBJECTS !== 0 && written < count) continue;
      const started = performance.now();
      await repack(objects);
      packing += performance.now() - started;
    }
    const { bytes, packs } = await sizeOf(objects);
    const facts = { messages: count, packs, bytesEach: Math.round(bytes / count) };
    return [
      { name: 'storage, on disk', unit: 'MB', ours: bytes / MB, facts },
      { name: 'storage, packing', unit: 'messages/s', ours: (count * 1000) / packing, facts },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Each as a loose object; not flushed, which is not what is measured here. */
async function* messages(objects: string, count: number): AsyncGenerator<CommitId> {
  const { device } = await testAccount('bench', { bits: 4096 });
  const blob = put(objects, 'blob', Buffer.from('a certificate'));
  const tree = put(objects, 'tree', formatTree([{ mode: '100644', name: 'certificate', id: blob }]));
  let parents: readonly CommitId[] = [];
  for (let place = 0; place < count; place++) {
    const author = { name: 'bench', device, seconds: TEST_NOW / 1000 + place };
    const unsigned = formatUnsigned({ tree, parents, author, message: encode(eventAt(place + 1)) });
    const id = asCommitId(put(objects, 'commit', insertSignature(unsigned, randomBytes(SIGNATURE_BYTES))));
    yield id;
    parents = [id];
  }
}

function put(objects: string, type: ObjectType, bytes: Uint8Array): ObjectId {
  const id = objectIdOf(type, bytes);
  const path = join(objects, id.slice(0, 2), id.slice(2));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, deflateSync(Buffer.concat([frameHeader(type, bytes.byteLength), bytes]), { level: 1 }));
  return id;
}

/** As the disk counts it: in blocks. */
async function sizeOf(objects: string): Promise<{ readonly bytes: number; readonly packs: number }> {
  const names = await readdir(objects, { recursive: true });
  let bytes = 0;
  for (const name of names) bytes += 512 * (await stat(join(objects, name))).blocks;
  return { bytes, packs: names.filter((name) => name.endsWith('.pack')).length };
}
