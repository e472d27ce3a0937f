/**
 * Preloaded into a process (`--import`), with `KILL_IN` and `KILL_AT`: ends it with SIGKILL right before the so manyth call
 * that changes something in that folder, or makes it last. Each thread counts for itself. The last number that was reached
 * is told by `KILL_COUNT`, a file.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';
import { watchDisk } from '../disk/watched-fs.ts';

const { KILL_IN = '', KILL_AT = '', KILL_COUNT } = process.env;
const last = Number(KILL_AT);
let calls = 0;
watchDisk(KILL_IN, {
  before() {
    calls += 1;
    if (calls === last) process.kill(process.pid, 'SIGKILL');
  },
  after() {},
});
if (isMainThread && KILL_COUNT) process.on('exit', () => writeFileSync(KILL_COUNT, String(calls)));
