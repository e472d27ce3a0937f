/** Two ways to stop a sub-transfer from our side. */
export interface StopSignals {
  /** The user does not want the file: what is here of it goes. */
  readonly cancelled: AbortSignal;
  /** The engine ends, or the caller waits no longer: what is here stays. */
  readonly interrupted: AbortSignal;
}

/** Calls back for the first that is aborted, also when it is already. Returns how to stop listening. */
export function onStop(signals: StopSignals, stopped: (reason: 'cancelled' | 'interrupted') => void): () => void {
  const onCancelled = () => stopped('cancelled');
  const onInterrupted = () => stopped('interrupted');
  if (signals.cancelled.aborted) onCancelled();
  else if (signals.interrupted.aborted) onInterrupted();
  signals.cancelled.addEventListener('abort', onCancelled, { once: true });
  signals.interrupted.addEventListener('abort', onInterrupted, { once: true });
  return () => {
    signals.cancelled.removeEventListener('abort', onCancelled);
    signals.interrupted.removeEventListener('abort', onInterrupted);
  };
}
