/** How files get on: a bar for each on a terminal, a line now and then in a pipe. */
import { createRequire } from 'node:module';
import type { SingleBar } from 'cli-progress';
import { cleanText } from '../words/clean-text.ts';
import type { TransferEvent } from '../words/transfer-event.ts';
import { percentOf, transferFigures } from '../words/transfer-figures.ts';
import type { Output, OutputStream } from './output.ts';
import { progressLine } from './progress-line.ts';

export interface ProgressBars {
  /** A bar is there while its file is on its way. */
  show(transfer: TransferEvent): void;
  /** A line that stays, above the bars. */
  above(line: string): void;
  /** The same, in place of the file's bar. */
  ended(interaction: string, line: string): void;
  /** Takes away the bars that are left. */
  stop(): void;
}

/** What waits may go on by itself. What is paused, or over, does not: its bar would stand still. */
const ON_ITS_WAY: ReadonlySet<string> = new Set(['running', 'verifying', 'waiting']);
const CLEAR_TO_END = '\u001b[K';

export function createProgressBars(output: Output, stream: OutputStream): ProgressBars {
  if (output.isJson)
    return { show: () => {}, above: output.line, ended: (_, line) => output.line(line), stop: () => {} };
  return output.isTerminal ? createBars(output, stream) : createLines(output);
}

function createBars(output: Output, stream: OutputStream): ProgressBars {
  // Most commands draw no bars, and do not wait for what draws them.
  const { MultiBar } = createRequire(import.meta.url)('cli-progress') as typeof import('cli-progress');
  const bars = new MultiBar({
    clearOnComplete: true,
    hideCursor: true,
    // Signals are the command's own business.
    gracefulExit: false,
    stream: stream as NodeJS.WriteStream,
    // The line is drawn here, as the library knows nothing of what fits.
    format: (_options, _params, { transfer }: { transfer: TransferEvent }) =>
      progressLine(transfer, { columns: stream.columns, colours: output.colours }),
  });
  const known = new Map<string, SingleBar>();

  function above(line: string): void {
    // Without a bar the library keeps the line for ever; with one it writes over what stands there.
    if (bars.isActive) bars.log(`${line}${CLEAR_TO_END}\n`);
    else output.line(line);
  }

  function remove(interaction: string): void {
    const bar = known.get(interaction);
    if (bar) bars.remove(bar);
    known.delete(interaction);
  }

  return {
    show(transfer) {
      const { interaction, totalSize, bytes, phase } = transfer;
      const bar = known.get(interaction);
      if (bar && !ON_ITS_WAY.has(phase)) remove(interaction);
      else if (bar) bar.update(bytes, { transfer });
      // A transfer that ended before we looked has no bar to move.
      else if (phase === 'running') known.set(interaction, bars.create(totalSize, bytes, { transfer }));
    },
    above,
    ended(interaction, line) {
      above(line);
      remove(interaction);
    },
    stop() {
      // Lines that came since the last redraw would be lost.
      if (bars.isActive) bars.update();
      bars.stop();
    },
  };
}

/** Files that are here in less than this need no line before the one that says so. */
const WORTH_A_LINE_MS = 2000;

/** Beside the results, a remark for each tenth of a file that takes a while. */
function createLines(output: Output): ProgressBars {
  const tenths = new Map<string, number>();
  return {
    show(transfer) {
      const { interaction, displayName, etaMs = 0, phase } = transfer;
      const tenth = Math.floor(percentOf(transfer) / 10);
      if (phase !== 'running' || etaMs < WORTH_A_LINE_MS || tenth <= (tenths.get(interaction) ?? 0)) return;
      tenths.set(interaction, tenth);
      const { percent, done, rate, left, from } = transferFigures(transfer);
      const words = [cleanText(displayName), percent, done, rate, left, from];
      output.remark(words.filter((word) => word !== '').join('  '));
    },
    above: output.line,
    ended: (_, line) => output.line(line),
    stop: () => {},
  };
}
