import type { VirtualClock } from './virtual-clock.ts';

/** A chain of operations on files has ended when none was under way for so many turns of the event loop. */
const QUIET_TURNS = 4;
const STEP_MS = 1000;

/**
 * Lets virtual time pass until the task is done, but only while this process has nothing to do at its disk: what waits for
 * a slow disk is never late, and what waits for nothing but time is not kept waiting.
 */
export async function whileTimePasses<T>(clock: VirtualClock, task: Promise<T>): Promise<T> {
  let isDone = false;
  const done = task.finally(() => {
    isDone = true;
  });
  done.catch(() => {});
  for (let quiet = 0; !isDone; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = isDiskBusy() ? 0 : quiet + 1;
    if (quiet < QUIET_TURNS) continue;
    quiet = 0;
    await clock.advance(STEP_MS);
  }
  return await done;
}

function isDiskBusy(): boolean {
  return process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq') || kind === 'CloseReq');
}
