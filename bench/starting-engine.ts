/** Starts an engine from `dist/` on the home that it is given, looks at its first conversation, says how long that took, and ends. */
import { resolve } from 'node:path';
import process from 'node:process';
import { observed } from './observed.ts';

const { createEngine }: typeof import('../src/index.ts') = await import(
  resolve(import.meta.dirname, '../dist/index.js')
);

const PAGE = 50;
const [home = ''] = process.argv.slice(2);
const started = performance.now();
const { result: engine, ...took } = await observed(() =>
  createEngine({ home, bootstrap: [], host: '127.0.0.1', lan: false }),
);
const [first] = engine.conversations.list();
const entries = first ? engine.conversations.open(first.conversation).timeline({ limit: PAGE }).entries.length : 0;
process.stdout.write(`${JSON.stringify({ ms: performance.now() - started, entries, ...took })}\n`);
await engine.close();
process.exit();
