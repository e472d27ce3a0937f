import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { THREAD_BUILD } from '../src/start-worker-adapter.ts';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Makes JavaScript of some modules, paths from the project's folder, and of all threads: each of them one file, the modules
 * beside what they share, since opening 650 files one by one takes longer than most of what a command does. All lies in
 * `folder`, for a thread is looked for beside whichever file starts it.
 */
export async function bundle(modules: readonly string[], folder: string): Promise<void> {
  const options: BuildOptions = {
    absWorkingDir: ROOT,
    outdir: folder,
    ...THREAD_BUILD,
    sourcemap: true,
    logLevel: 'warning',
  };
  await build({ ...options, entryPoints: modules.map(named), splitting: true });
  await build({ ...options, entryPoints: (await threads()).map(named) });
}

function named(file: string): { in: string; out: string } {
  return { in: file, out: basename(file, '.ts') };
}

async function threads(): Promise<string[]> {
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  return files.filter((file) => file.endsWith('-worker.ts')).map((file) => join('src', file));
}
