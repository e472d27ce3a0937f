import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { isSyncError, messageOf } from '../../src/errors.ts';
import type { FuzzTarget } from './target.ts';

/** After which something that only works on bytes in memory counts as hanging. Long: other threads of its own may wait for a core. */
const HANGS_MS = 20_000;
/** The same for something that waits for the disk, or for other threads. */
const WAITING_MS = 60_000;
/** Processor time that one input may cost. The largest is some hundred kilobytes. */
const CPU_MS = 5_000;

/** What is wrong with how the target took the input; undefined when nothing is. */
export async function runCase(target: FuzzTarget, input: Uint8Array): Promise<string | undefined> {
  const before = process.cpuUsage();
  const settled = new AbortController();
  const tooLong = target.waits ? overdue(settled.signal) : hanging(settled.signal);
  const outcome = await Promise.race([outcomeOf(target, input), tooLong]);
  settled.abort();
  // Lets go of the waiting above; without a turn of the event loop, thousands of them would pile up.
  await nextTurn();
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  return outcome ?? (ms > CPU_MS ? `it took ${Math.round(ms)} ms of processor time` : undefined);
}

async function outcomeOf(target: FuzzTarget, input: Uint8Array): Promise<string | undefined> {
  try {
    await target.read(input);
    return undefined;
  } catch (error) {
    if (isSyncError(error) && error.code !== 'UNREACHABLE') return undefined;
    const where = error instanceof Error ? error.stack : '';
    return `it threw ${messageOf(error)}\n${where}`;
  }
}

async function hanging(settled: AbortSignal): Promise<string | undefined> {
  for (const end = performance.now() + HANGS_MS; performance.now() < end; await nextTurn())
    if (settled.aborted) return undefined;
  return `it did not end within ${HANGS_MS} ms`;
}

async function overdue(settled: AbortSignal): Promise<string | undefined> {
  const hasEnded = await delay(WAITING_MS, false, { signal: settled }).catch(() => true);
  return hasEnded ? undefined : `it did not end within ${WAITING_MS} ms`;
}
