/**
 * `npm run lab [-- --only NAME]`: every case of the lab with a file of 20 MB. One line a case on stderr; when all were
 * run, the table goes into docs/network.md. Exits 1 when a path won that should not, or a file did not arrive.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { makeHomes } from '../support/cli/made-homes.ts';
import { removeFolderSync } from '../support/folders/remove-folder.ts';
import { CASES, type LabCase } from './cases.ts';
import { type LabResult, runCase } from './run-case.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/network.md');
const FILE_BYTES = 20_000_000;

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const folder = mkdtempSync(join(tmpdir(), 'swarmlog-lab-'));
const lines: string[] = [];
try {
  const homes = { folder, conversation: await makeHomes(folder) };
  for (const labCase of CASES.filter(({ name }) => name.includes(values.only))) {
    const result = await runCase(labCase, homes, FILE_BYTES).catch((error: unknown) => {
      process.stderr.write(`${labCase.name}: ${error instanceof Error ? error.message : error}\n`);
      return undefined;
    });
    if (result === undefined || !isRight(labCase, result)) process.exitCode = 1;
    const line = rowOf(labCase, result);
    process.stderr.write(`${line}\n`);
    lines.push(line);
  }
} finally {
  removeFolderSync(folder);
}
if (values.only === '') writeTable(lines);

function isRight({ wins }: LabCase, { path, isVerified }: LabResult): boolean {
  return isVerified && wins.some((kind) => kind === path);
}

function rowOf({ name }: LabCase, result: LabResult | undefined): string {
  if (result === undefined) return `| ${name} | failed | – | – |`;
  const { path, connectMs, megabytesPerSecond, isVerified } = result;
  const rate = isVerified ? megabytesPerSecond.toFixed(1) : 'wrong bytes';
  return `| ${name} | \`${path}\` | ${(connectMs / 1000).toFixed(1)} | ${rate} |`;
}

/** Between the two marks of the page. */
function writeTable(rows: readonly string[]): void {
  const table = ['| case | path | connected after, s | MB/s |', '|---|---|---|---|', ...rows].join('\n');
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, page.replace(/(<!-- lab -->\n).*(<!-- \/lab -->)/s, `$1\n${table}\n\n$2`));
}
