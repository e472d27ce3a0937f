import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { THREAD_BUILD } from '../../../src/start-worker-adapter.ts';

/** Where packages are found as from the sources. */
const FOLDER = resolve(import.meta.dirname, '../../../node_modules/.cache/swarmlog-scripts');

export interface BundledScript extends AsyncDisposable {
  readonly path: string;
}

/** A script in one file of JavaScript: hundreds of modules, each made from TypeScript, take minutes to start on a busy machine. */
export async function bundledScript(script: string): Promise<BundledScript> {
  const path = join(FOLDER, `${basename(script, '.ts')}-${process.pid}.mjs`);
  await build({ ...THREAD_BUILD, entryPoints: [script], outfile: path, logLevel: 'warning' });
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}
