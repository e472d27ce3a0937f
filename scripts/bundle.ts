import { readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { THREAD_BUILD } from '../src/start-worker-adapter.ts';
import { licencesOf } from './licences.ts';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Packages that are taken in, so that no command waits for their many files. Only what is JavaScript alone, does no IO and
 * keeps no state that another copy of it would have to share.
 */
const TAKEN_IN: ReadonlySet<string> = new Set(['zod']);
/** Their licences, beside the files they are in. */
const LICENCES = 'THIRD-PARTY-LICENCES.txt';

/**
 * Makes JavaScript of some modules, paths from the project's folder, and of all threads: each of them one file, the modules
 * beside what they share, since opening 650 files one by one takes longer than most of what a command does. All lies in
 * `folder`, for a thread is looked for beside whichever file starts it.
 */
export async function bundle(modules: readonly string[], folder: string): Promise<void> {
  const options: BuildOptions & { metafile: true } = {
    absWorkingDir: ROOT,
    outdir: folder,
    ...THREAD_BUILD,
    packages: 'bundle',
    external: Object.keys(manifest.dependencies).filter((name) => !TAKEN_IN.has(name)),
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  };
  const made = [
    await build({ ...options, entryPoints: modules.map(named), splitting: true }),
    await build({ ...options, entryPoints: (await threads()).map(named) }),
  ];
  const inputs = made.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  await writeFile(join(folder, LICENCES), await licencesOf(inputs, ROOT));
}

function named(file: string): { in: string; out: string } {
  return { in: file, out: basename(file, '.ts') };
}

async function threads(): Promise<string[]> {
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  return files.filter((file) => file.endsWith('-worker.ts')).map((file) => join('src', file));
}
