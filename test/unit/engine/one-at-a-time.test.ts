import { describe, expect, it } from 'vitest';
import { createOneAtATime } from '../../../src/engine/one-at-a-time.ts';
import { settled } from '../../support/engine/live-conversations.ts';

function createJob() {
  const runs: { finish: () => void; fail: (error: Error) => void }[] = [];
  const job = () => new Promise<void>((finish, fail) => runs.push({ finish, fail }));
  return { job, runs };
}

describe('one at a time', () => {
  it('runs a job once more after all that was asked for while it ran', async () => {
    const jobs = createOneAtATime<string>(() => {});
    const { job, runs } = createJob();
    for (let asked = 0; asked < 4; asked += 1) jobs.run('a', job);
    expect(runs).toHaveLength(1);
    runs[0]?.finish();
    await settled();
    expect(runs).toHaveLength(2);
    runs[1]?.finish();
    await jobs.idle();
    expect(runs).toHaveLength(2);
  });

  it('runs the job that was asked for last', async () => {
    const jobs = createOneAtATime<string>(() => {});
    const ran: string[] = [];
    const named = (name: string) => async () => void ran.push(name);
    for (const name of ['first', 'second', 'third']) jobs.run('a', named(name));
    await jobs.idle();
    expect(ran).toEqual(['first', 'third']);
  });

  it('keeps no key waiting for another', async () => {
    const jobs = createOneAtATime<string>(() => {});
    const { job, runs } = createJob();
    jobs.run('a', job);
    jobs.run('b', job);
    expect(runs).toHaveLength(2);
    for (const { finish } of runs) finish();
    await jobs.idle();
  });

  it('tells of a failure and goes on', async () => {
    const failures: [string, unknown][] = [];
    const jobs = createOneAtATime<string>((key, error) => failures.push([key, error]));
    const { job, runs } = createJob();
    const error = new TypeError('no');
    jobs.run('a', job);
    jobs.run('a', job);
    runs[0]?.fail(error);
    await settled();
    runs[1]?.finish();
    await jobs.idle();
    expect(failures).toEqual([['a', error]]);
    jobs.run('a', job);
    expect(runs).toHaveLength(3);
    runs[2]?.finish();
  });

  it('is idle only when what was asked for meanwhile is done too', async () => {
    const jobs = createOneAtATime<string>(() => {});
    const { job, runs } = createJob();
    jobs.run('a', job);
    let isIdle = false;
    const idle = jobs.idle().then(() => {
      isIdle = true;
    });
    jobs.run('b', job);
    runs[0]?.finish();
    await settled();
    expect(isIdle).toBe(false);
    runs[1]?.finish();
    await idle;
  });
});
