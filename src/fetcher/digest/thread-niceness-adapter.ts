import { getPriority, setPriority } from 'node:os';

/** How nice a thread is to others that want a core, from -20 to 19: the least nice goes first. */
export interface ThreadNiceness {
  /** Asks to go first. Nothing changes where the system does not let this process. */
  goFirst(): void;
  /** Goes with the others again. */
  goAlong(): void;
}

/**
 * The niceness of the calling thread, `by` above the one it has now. On Linux alone: elsewhere it is the whole process that a
 * niceness belongs to. There it takes root, CAP_SYS_NICE, or a limit of the user's that allows it (RLIMIT_NICE).
 */
export function niceThread(by: number): ThreadNiceness {
  if (process.platform !== 'linux') return { goFirst() {}, goAlong() {} };
  const before = getPriority();
  const first = Math.max(-20, before - by);
  return { goFirst: () => tryNiceness(first), goAlong: () => tryNiceness(before) };
}

function tryNiceness(niceness: number): void {
  try {
    setPriority(niceness);
  } catch {
    // Not allowed: it has the same say as the others.
  }
}
