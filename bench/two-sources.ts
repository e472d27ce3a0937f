/** A file fetched from two engines whose bandwidth is limited, against the same from one of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngines } from './engines.ts';
import { type AnnouncedFile, announce, fetchAgain } from './fetching.ts';
import type { Benchmark } from './figure.ts';
import { compare } from './rounds.ts';
import { MiB, writeSeededFile } from './seeded-file.ts';

const BYTES_PER_SECOND = 20_000_000;

export const benchTwoSources: Benchmark = async ({ quick, signal }) => {
  const size = quick ? 4 * MiB : 96 * MiB;
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    const path = join(folder, 'seeded.bin');
    await writeSeededFile(path, size);
    await using engines = await startEngines(folder, signal);
    const { left, right, start, share } = engines;
    const third = await start('third');
    const both = await share(left, right, third);
    const alone = await announce(left, { conversation: engines.conversation, path, size, others: [right], signal });
    const shared = await announce(left, { conversation: both, path, size, others: [right, third], signal });
    await fetchAgain(third, shared, signal);
    for (const source of [left, third]) await source.call('limits', { up: BYTES_PER_SECOND });
    const fetched = async (file: AnnouncedFile) => {
      const { complete } = await fetchAgain(right, file, signal);
      return ((size / MiB) * 1000) / complete;
    };
    const measured = await compare({
      rounds: quick ? 1 : 3,
      ours: () => fetched(shared),
      baseline: { what: 'one of them', run: () => fetched(alone) },
    });
    return [{ name: 'two sources', unit: 'MiB/s', ...measured, facts: { bytes: size, limit: BYTES_PER_SECOND } }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
