/**
 * The documentation as programs: every `sh` block of the README and the guides runs, every program that shows its
 * output does, and what they print is what the block after them, marked `output`, says. Blocks of one page share a
 * folder, in which `fixtures` is the repository's. Blocks marked `console` are for people and are not run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { type Block, markdownBlocks } from '../../scripts/markdown-blocks.ts';
import { temporaryFolder } from '../support/cli/built-program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** For one block; the longest of them is a whole story. */
const DEADLINE_MS = 250_000;
const GUIDES = readdirSync(join(ROOT, 'docs/guides')).map((name) => join('docs/guides', name));

it.concurrent.each(['README.md', ...GUIDES])('%s shows nothing that is not so', async (page) => {
  const blocks = markdownBlocks(readFileSync(join(ROOT, page), 'utf8'));
  using folder = workshop();
  for (const [at, block] of blocks.entries()) {
    const [next] = blocks.slice(at + 1);
    const output = next?.info.endsWith(' output') ? next : undefined;
    const command = commandOf(block, output, folder.path);
    if (!command) continue;
    const where = `${page}, line ${block.line}`;
    const { code, stdout, stderr } = await run(command, folder.path);
    expect(code, `${where}: ${stderr}`).toBe(0);
    if (output?.info === 'text output') expect(stdout.trimEnd(), where).toBe(output.code.trimEnd());
    if (output?.info === 'json output') expect(JSON.parse(stdout), where).toEqual(JSON.parse(output.code));
  }
});

/** A program that shows its output is whole and runs. The others are pieces of larger ones, and only compile. */
function commandOf({ info, code }: Block, output: Block | undefined, folder: string): readonly string[] | undefined {
  if (info === 'sh') return ['bash', '-e', '-c', code];
  if (info !== 'ts' || !output) return undefined;
  writeFileSync(join(folder, 'notes.mts'), code);
  return [process.execPath, '--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), 'notes.mts'];
}

function workshop(): Disposable & { readonly path: string } {
  const folder = temporaryFolder();
  symlinkSync(join(ROOT, 'fixtures'), join(folder.path, 'fixtures'));
  mkdirSync(join(folder.path, 'node_modules/.bin'), { recursive: true });
  symlinkSync(ROOT, join(folder.path, 'node_modules/swarmlog'));
  const program = `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'dist/main.js')}" "$@"\n`;
  writeFileSync(join(folder.path, 'node_modules/.bin/swarmlog'), program, { mode: 0o755 });
  return folder;
}

/** Ends with everything that the command left running in the background. */
async function run([command = '', ...args]: readonly string[], cwd: string) {
  const path = [join(cwd, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, PATH: path, LC_ALL: 'C.UTF-8', SWARMLOG_HOME: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece;
  });
  const endGroup = () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  };
  const timer = setTimeout(endGroup, DEADLINE_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  endGroup();
  if (!child.stdout.closed) await once(child.stdout, 'close');
  return { code, stdout, stderr };
}
