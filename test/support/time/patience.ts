/** Long: a test that passes does not wait, and a machine that is busy is no failure. */
export const PATIENCE_MS = 90_000;

/** For whatever wants a signal. It runs from the call on: call it where the waiting begins. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MS);
}
