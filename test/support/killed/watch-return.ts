/** How long a device that was killed takes to be back, and to go on with what it was at. */
import { existsSync } from 'node:fs';
import { callEngine } from '../../../src/engine/control/call-engine-adapter.ts';
import { patience } from '../time/patience.ts';
import { until } from '../time/until.ts';

/** Milliseconds. */
export interface Return {
  /** From the kill to an engine that answers. */
  readonly up: number;
  /** From there to a link. */
  readonly linked: number;
  /** From the link to the whole file; absent where that was there when the process died. */
  readonly whole?: number;
}

export interface WatchReturn {
  readonly victim: { readonly home: string };
  /** Where the file stands when it is whole. */
  readonly target: string;
  /** Kills the victim, and resolves when an engine answers again. */
  restart(): Promise<void>;
}

/** Resolves when an engine answers again, with what goes on being watched. */
export async function watchReturn({
  victim,
  target,
  restart,
}: WatchReturn): Promise<{ readonly over: Promise<Return> }> {
  const wasWhole = existsSync(target);
  const killedAt = performance.now();
  await restart();
  const upAt = performance.now();
  const watch = async () => {
    await until(() => isLinked(victim.home), 50);
    const linkedAt = performance.now();
    await until(() => existsSync(target));
    const whole = wasWhole ? {} : { whole: Math.round(performance.now() - linkedAt) };
    return { up: Math.round(upAt - killedAt), linked: Math.round(linkedAt - upAt), ...whole };
  };
  const over = watch();
  // Who fails before it asks for this has another reason to give.
  over.catch(() => {});
  return { over };
}

async function isLinked(home: string): Promise<boolean> {
  const status = await callEngine(home, { method: 'status', params: {}, signal: patience() });
  return (status as { links: readonly object[] }).links.length > 0;
}
