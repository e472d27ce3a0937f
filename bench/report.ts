/**
 * `npm run bench [-- --quick --only verify,append]`: a table for people on stderr, one JSON document on stdout and
 * in `bench/results/latest.json`. What takes long to make is kept there, too.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tableLines } from '../src/cli/terminal/table.ts';
import { benchAppend } from './append.ts';
import { benchClone } from './clone.ts';
import { benchDial } from './dial.ts';
import type { Benchmark, Figure } from './figure.ts';
import { benchFold } from './fold.ts';
import { benchForks } from './forks.ts';
import { benchLink } from './link.ts';
import { benchLinks } from './links.ts';
import { benchMemory } from './memory.ts';
import { benchOpening } from './opening.ts';
import { benchRelayPath, benchTcpPath, benchUdpPath } from './paths.ts';
import { benchPlan } from './plan.ts';
import { benchSmallFiles } from './small-files.ts';
import { benchStarting } from './starting.ts';
import { benchStorage } from './storage.ts';
import { benchTransfer } from './transfer.ts';
import { benchTwoSources } from './two-sources.ts';
import { benchVerify, benchVerifyLong } from './verify.ts';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  transfer: benchTransfer,
  'two-sources': benchTwoSources,
  'small-files': benchSmallFiles,
  verify: benchVerify,
  'verify-long': benchVerifyLong,
  clone: benchClone,
  append: benchAppend,
  storage: benchStorage,
  fold: benchFold,
  opening: benchOpening,
  starting: benchStarting,
  forks: benchForks,
  plan: benchPlan,
  link: benchLink,
  dial: benchDial,
  'tcp-path': benchTcpPath,
  'udp-path': benchUdpPath,
  'relay-path': benchRelayPath,
  links: benchLinks,
  memory: benchMemory,
};
/** Take too long to run unless they are asked for. */
const BY_NAME_ONLY: ReadonlySet<string> = new Set(['links', 'memory', 'verify-long']);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});
const { quick, only, results } = values;
const known = Object.keys(BENCHMARKS);
const wanted = only?.split(',') ?? known.filter((name) => !BY_NAME_ONLY.has(name));
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}; there are ${known.join(', ')}`);
const figures: Figure[] = [];
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (!wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  figures.push(...(await run({ quick, cacheFolder: results, signal: new AbortController().signal })));
}
const report = {
  version: 1,
  quick,
  machine: { cores: availableParallelism(), node: process.version, platform: `${process.platform}-${process.arch}` },
  figures,
};
const json = `${JSON.stringify(report, null, 2)}\n`;
process.stderr.write(`\n${table(figures).join('\n')}\n`);
process.stdout.write(json);
await mkdir(results, { recursive: true });
await writeFile(join(results, 'latest.json'), json);

function table(rows: readonly Figure[]): string[] {
  const columns = [
    { title: 'BENCHMARK' },
    { title: 'OURS', align: 'right' as const },
    { title: 'UNIT' },
    { title: 'RATIO', align: 'right' as const },
    { title: 'BASELINE', align: 'right' as const },
    { title: 'AGAINST' },
  ];
  return tableLines(
    columns,
    rows.map(({ name, unit, ours, against }) => [
      name,
      readable(ours),
      unit,
      against ? against.ratio.toFixed(2) : '',
      against ? readable(against.rate) : '',
      against?.what ?? '',
    ]),
  );
}

function readable(rate: number): string {
  return rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toPrecision(3);
}
