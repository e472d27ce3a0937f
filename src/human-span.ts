/** Lengths of time as people read them. */

/** Milliseconds → `320 ms`, `4.2 s`, `3 min`, `2 h 5 min`: how long something took, or is ago. */
export function humanSpan(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The same for what is to come, which nobody can tell to a tenth of a second: `5 s`, `3 min`. What is over takes `0 s`. */
export function humanWait(ms: number): string {
  return ms < 59_000 ? `${Math.max(0, Math.ceil(ms / 1000))} s` : humanSpan(ms);
}
