/** One line that is written over as something goes on, on a terminal only. */
import type { Output, OutputStream } from './output.ts';

export interface StatusLine {
  show(text: string): void;
  /** Leaves the line as if nothing had been there. */
  clear(): void;
}

const CLEAR = '\r\u001b[K';
const EVERY_MS = 100;

export function createStatusLine(output: Output, stream: OutputStream): StatusLine {
  if (!output.isTerminal || output.isJson) return { show: () => {}, clear: () => {} };
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      const now = performance.now();
      if (now - shownAt < EVERY_MS) return;
      shownAt = now;
      stream.write(`${CLEAR}${text}`);
    },
    clear() {
      if (Number.isFinite(shownAt)) stream.write(CLEAR);
    },
  };
}
