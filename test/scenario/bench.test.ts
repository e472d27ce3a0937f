import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { removeFolder } from '../support/folders/remove-folder.ts';

const Report = z.object({
  version: z.literal(1),
  quick: z.literal(true),
  machine: z.object({ cores: z.number(), node: z.string(), platform: z.string() }),
  figures: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      ours: z.number().positive(),
      against: z.object({ what: z.string(), rate: z.number().positive(), ratio: z.number().positive() }).optional(),
      facts: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
});

/** Benchmarks that need neither processes nor a network; how fast they are is not looked at. */
const KINDS = ['verify', 'append', 'fold', 'opening'];

describe('the benchmark report', () => {
  it('measures something for each kind, says it as one JSON document, and keeps it', async () => {
    const results = await mkdtemp(join(tmpdir(), 'swarmlog-bench-results-'));
    try {
      const report = ['--import', 'tsx', 'bench/report.ts', '--quick', '--only', KINDS.join(','), '--results', results];
      const { stdout } = await promisify(execFile)(process.execPath, report);

      const { figures } = Report.parse(JSON.parse(stdout));
      for (const kind of KINDS) expect(figures.map(({ name }) => name)).toContainEqual(expect.stringContaining(kind));
      expect(await readFile(join(results, 'latest.json'), 'utf8')).toBe(stdout);
    } finally {
      await removeFolder(results);
    }
  });
});
