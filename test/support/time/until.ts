import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE_MS } from './patience.ts';

/** Looks again and again until it is so; fails when it never is. `everyMs` is short where a moment must not be missed. */
export async function until(isSo: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so within ${PATIENCE_MS} ms: ${isSo}`);
    await delay(everyMs);
  }
}
