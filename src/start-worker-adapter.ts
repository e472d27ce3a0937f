import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread; `entry` is the worker's file without its extension.
 *
 * Installed, the worker is JavaScript and starts as it is. From the sources (tests, benchmarks) it is TypeScript, which
 * Node 20 does not run by itself, and `--import` does not reach the module loader of a worker: there it starts with one
 * line that registers tsx, a development dependency, and goes on with the same file.
 */
export function startWorker(entry: URL, options: Pick<WorkerOptions, 'workerData'> = {}): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`${entry.href}.js`), options);
  const tsx = import.meta.resolve('tsx/esm/api');
  const registering = `import('${tsx}').then((tsx) => (tsx.register(), import('${entry.href}.ts')))`;
  return new Worker(registering, { ...options, eval: true });
}
