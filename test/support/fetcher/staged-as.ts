import type { StageOptions } from '../../../src/fetcher/ports.ts';

/** Takes a file in without watching how that gets on. */
export const stagedAs = (tid: string): StageOptions => ({
  ...{ tid, signal: new AbortController().signal, onCopied: () => {} },
});
