/** Three ways to stop a sub-transfer from our side. */
export interface StopSignals {
  /** The user does not want the file, or does not want to give it away: what is here of it unverified goes. */
  readonly cancelled: AbortSignal;
  /** The user halts the file: what is here stays. */
  readonly paused: AbortSignal;
  /** The engine ends, or the caller waits no longer: what is here stays. */
  readonly interrupted: AbortSignal;
}

export type StopReason = keyof StopSignals;

/** The user's word goes before the machine's. */
const REASONS = ['cancelled', 'paused', 'interrupted'] as const;

/** Fires when any of them does. */
export function anyStop({ cancelled, paused, interrupted }: StopSignals): AbortSignal {
  return AbortSignal.any([cancelled, paused, interrupted]);
}

/** Why it was stopped; undefined while it was not. */
export function stopReason(signals: StopSignals): StopReason | undefined {
  return REASONS.find((reason) => signals[reason].aborted);
}

/** How a sub-transfer ends that was stopped for the reason. */
export const STOPPED_OUTCOMES = {
  cancelled: 'cancelled',
  paused: 'paused-here',
  interrupted: 'interrupted',
} as const satisfies Record<StopReason, string>;

/** Calls back for the first that is aborted, also when it is already. Returns how to stop listening. */
export function onStop(signals: StopSignals, stopped: (reason: StopReason) => void): () => void {
  const already = stopReason(signals);
  if (already) stopped(already);
  const listeners = REASONS.map((reason) => ({ signal: signals[reason], listener: () => stopped(reason) }));
  for (const { signal, listener } of listeners) signal.addEventListener('abort', listener, { once: true });
  return () => {
    for (const { signal, listener } of listeners) signal.removeEventListener('abort', listener);
  };
}
