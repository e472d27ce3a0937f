/** Many small files fetched over one link, from the request to the last verified file under its name, against writing them alone. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { flushDirectory } from '../src/durable-file-adapter.ts';
import { type Engines, startEngines, until } from './engines.ts';
import type { Benchmark } from './figure.ts';
import { compare, rateOf } from './rounds.ts';

const FILE_BYTES = 4 * 1024;
const WRITERS = 8;
const ANNOUNCERS = 4;

export const benchSmallFiles: Benchmark = async ({ quick, signal }) => {
  const count = quick ? 20 : 2000;
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    await using engines = await startEngines(folder, signal);
    await announceAll(engines, await writeSeededFiles(join(folder, 'seeded'), count), signal);
    let rounds = 0;
    const newFolder = (whose: string) => join(folder, `${whose}-${rounds++}`);
    const measured = await compare({
      rounds: quick ? 1 : 3,
      ours: () => fetchAll(engines, { count, gone: newFolder('ours') }),
      baseline: {
        what: `hashing, writing, flushing and renaming them alone, ${WRITERS} at once`,
        run: () => writeAll(newFolder('alone'), count),
      },
    });
    const facts = { files: count, bytes: FILE_BYTES, path: 'TCP, TLS 1.3, loopback' };
    return [{ name: 'small-files', unit: 'files/s', ...measured, facts }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Paths of files that differ from each other. */
async function writeSeededFiles(folder: string, count: number): Promise<readonly string[]> {
  await mkdir(folder);
  const paths = Array.from({ length: count }, (_, place) => join(folder, `seeded-${place}.bin`));
  for (const [place, path] of paths.entries()) await writeFile(path, seededBytes(place));
  return paths;
}

function seededBytes(place: number): Buffer {
  return Buffer.alloc(FILE_BYTES, createHash('sha512').update(`${place}`).digest());
}

const Summaries = z.object({ conversations: z.array(z.object({ head: z.string() })) });

/** Resolves when both engines know of all files. */
async function announceAll(
  { left, right, conversation }: Engines,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...paths];
  const announce = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift())
      await left.call('send-file', { conversation, path });
  };
  await Promise.all(Array.from({ length: ANNOUNCERS }, announce));
  const headOf = async ({ call }: Engines['left']) =>
    Summaries.parse(await call('conversations')).conversations[0]?.head;
  await until(async () => (await headOf(left)) === (await headOf(right)), signal);
}

interface Losing {
  readonly count: number;
  /** Where the files of an earlier round go. */
  readonly gone: string;
}

/**
 * Files per second, from the wish until all are complete; those of an earlier round are lost first. Nothing is deleted:
 * for minutes afterwards, ext4 without a journal steps over each deleted file whenever it makes a new one.
 */
async function fetchAll({ right, conversation }: Engines, { count, gone }: Losing): Promise<number> {
  const folder = join(right.home, 'conversation_data', conversation);
  await mkdir(gone);
  for (const name of await readdir(folder)) await rename(join(folder, name), join(gone, name));
  const rate = await rateOf(count, () => right.call('fetch', { conversation, wait: true }));
  const here = await readdir(folder);
  if (here.length !== count) throw new Error(`${here.length} of ${count} files are here`);
  return rate;
}

/** Files per second of what the disk and the hash cost at least, in this process alone. The files stay. */
async function writeAll(folder: string, count: number): Promise<number> {
  await mkdir(folder);
  const files = Array.from({ length: count }, (_, place) => ({
    name: join(folder, `${place}`),
    bytes: seededBytes(place),
  }));
  const rate = await rateOf(count, async () => {
    const write = async () => {
      for (let file = files.shift(); file !== undefined; file = files.shift()) await writeOne(file);
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
    await flushDirectory(folder);
  });
  return rate;
}

async function writeOne({ name, bytes }: { readonly name: string; readonly bytes: Buffer }): Promise<void> {
  createHash('sha3-512').update(bytes).digest();
  const file = await open(`${name}.tmp`, 'wx');
  await file.write(bytes);
  await file.sync();
  await file.close();
  await rename(`${name}.tmp`, name);
}
