import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type TakenWorker, WorkerPool, type WorkerPoolOptions } from '../../src/worker-pool-adapter.ts';
import type { Echo } from '../support/threads/echo-worker.ts';
import { PATIENCE_MS } from '../support/time/patience.ts';
import { until } from '../support/time/until.ts';

const ECHO = new URL('../support/threads/echo-worker', import.meta.url);
const RESTING = fileURLToPath(new URL('../support/threads/rest-a-worker.ts', import.meta.url));
const LONG_MS = 3_600_000;

class Owner {
  readonly heard: Echo[] = [];
  readonly gone: string[] = [];
  readonly worker: TakenWorker<string>;

  constructor(pool: WorkerPool<string, Echo>) {
    this.worker = pool.take({
      onReport: (echo) => this.heard.push(echo),
      onGone: (detail) => this.gone.push(detail),
    });
  }

  /** Which thread it is; undefined when it is gone. */
  async ask(): Promise<number | undefined> {
    const before = this.heard.length;
    this.worker.post('hello');
    await until(() => this.heard.length > before || this.gone.length > 0, 1);
    return this.heard[before]?.threadId;
  }
}

function poolOf(options: Partial<WorkerPoolOptions> = {}): WorkerPool<string, Echo> {
  return new WorkerPool(ECHO, { kept: 1, idleMs: LONG_MS, ...options });
}

describe('a worker', () => {
  it('that is given back goes to the next owner, and the former one has nothing to say to it', async () => {
    const pool = poolOf();
    const former = new Owner(pool);
    const thread = await former.ask();
    former.worker.giveBack();
    const next = new Owner(pool);
    former.worker.post('it is mine');
    former.worker.giveBack();
    await former.worker.end();
    expect(await next.ask()).toBe(thread);
    expect([former, next].map(({ heard }) => heard.map(({ text }) => text))).toEqual([['hello'], ['hello']]);
    expect(former.gone).toEqual([]);
    await next.worker.end();
  });

  it('has one owner at a time, and as few are kept as was said', async () => {
    const pool = poolOf({ kept: 1 });
    const owners = [new Owner(pool), new Owner(pool)];
    const threads = await Promise.all(owners.map((owner) => owner.ask()));
    expect(new Set(threads).size).toBe(2);
    for (const { worker } of owners) worker.giveBack();
    const later = [new Owner(pool), new Owner(pool)];
    const [kept, started] = await Promise.all(later.map((owner) => owner.ask()));
    expect(kept).toBe(threads[0]);
    expect(threads).not.toContain(started);
    for (const { worker } of later) await worker.end();
  });

  it('that was ended, or is gone, goes to nobody', async () => {
    const pool = poolOf();
    const ending = new Owner(pool);
    const ended = await ending.ask();
    await ending.worker.end();
    expect(ending.gone).toEqual([]);
    const owner = new Owner(pool);
    const lost = await owner.ask();
    owner.worker.post('exit');
    await until(() => owner.gone.length > 0);
    expect(owner.gone).toEqual(['exit code 7']);
    owner.worker.giveBack();
    const next = new Owner(pool);
    expect([ended, lost]).not.toContain(await next.ask());
    await next.worker.end();
  });

  it('that dies while nobody has it goes to nobody who can use it', async () => {
    const pool = poolOf();
    const owner = new Owner(pool);
    const thread = await owner.ask();
    owner.worker.post('exit');
    owner.worker.giveBack();
    await until(() => isNew(pool, thread));
    expect(owner.gone).toEqual([]);
  });

  it('is ended when nobody wants it for long', async () => {
    const pool = poolOf({ idleMs: 1 });
    const owner = new Owner(pool);
    const thread = await owner.ask();
    owner.worker.giveBack();
    await until(() => isNew(pool, thread));
  });

  it('that nobody has does not keep the process alive', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', RESTING], {
      timeout: PATIENCE_MS,
    });
    expect(stderr).toBe('');
  });
});

/** Whether the pool gives another thread than that one; what it gives is given back. */
async function isNew(pool: WorkerPool<string, Echo>, thread: number | undefined): Promise<boolean> {
  const owner = new Owner(pool);
  const given = await owner.ask();
  const isOther = given !== undefined && given !== thread;
  if (isOther) await owner.worker.end();
  else owner.worker.giveBack();
  return isOther;
}
