import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** What is used of esbuild, a development dependency that whoever installed the package does not have. */
interface Esbuild {
  buildSync(options: Readonly<Record<string, unknown>>): {
    readonly outputFiles: readonly { readonly contents: Uint8Array }[];
  };
}

/** How a thread becomes JavaScript, for the package as well as for a run from the sources. */
export const THREAD_BUILD = {
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
} as const;

/** Of threads that were made from the sources by this process: where each lies, by its entry. */
const made = new Map<string, URL>();

/**
 * Starts a worker thread; `entry` is the worker's file without its extension.
 *
 * Installed, the worker is JavaScript and starts as it is. From the sources (tests, benchmarks) it is TypeScript, which
 * Node 20 does not run by itself: it is made into one file first, once for each process.
 */
export function startWorker(entry: URL, options: Pick<WorkerOptions, 'workerData'> = {}): Worker {
  const isInstalled = !import.meta.url.endsWith('.ts');
  return new Worker(isInstalled ? new URL(`${entry.href}.js`) : fromSources(entry), options);
}

function fromSources(entry: URL): URL {
  const known = made.get(entry.href);
  if (known) return known;
  const { buildSync } = createRequire(import.meta.url)('esbuild') as Esbuild;
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(`${entry.href}.ts`)],
    ...THREAD_BUILD,
    write: false,
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  // Where it finds the same packages as its sources; named for what it holds, as other processes make the same one.
  const folder = fileURLToPath(new URL('../node_modules/.cache/swarmlog-threads', import.meta.url));
  const file = join(folder, `${basename(entry.pathname)}-${createHash('sha256').update(code).digest('hex')}.mjs`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, code);
  renameSync(`${file}.${process.pid}`, file);
  const url = pathToFileURL(file);
  made.set(entry.href, url);
  return url;
}
