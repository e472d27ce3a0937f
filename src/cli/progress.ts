/** Progress bars: one for each source of a file, drawn on a terminal only. */
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { cleanText } from './clean-text.ts';
import { fitText } from './fit-text.ts';
import { humanBytes, shortId } from './human.ts';
import type { Output, OutputStream } from './output.ts';
import type { TransferEvent } from './transfer-event.ts';

export interface ProgressBars {
  show(transfer: TransferEvent): void;
  /** A line that stays, above the bars. */
  above(line: string): void;
  stop(): void;
}

const NAME_WIDTH = 24;
const CLEAR_TO_END = '\u001b[K';

/** In a pipe there are no bars, only the lines. */
export function createProgressBars(output: Output, stream: OutputStream): ProgressBars {
  if (!output.isTerminal || output.isJson) return { show: () => {}, above: output.line, stop: () => {} };
  const bars = new MultiBar(
    {
      clearOnComplete: false,
      hideCursor: true,
      // Signals are the command's own business.
      gracefulExit: false,
      stream: stream as NodeJS.WriteStream,
      format: `{name} {from} ${output.colours.green('{bar}')} {percentage}%  {done} of {size}  {rate}`,
      barsize: 30,
    },
    Presets.rect,
  );
  const known = new Map<string, SingleBar>();
  return {
    show({ interaction, displayName, totalSize, subTransfers }) {
      for (const { peer, phase, bytes, bytesPerSecond } of subTransfers) {
        const key = `${interaction} ${peer}`;
        const payload = {
          name: fitText(cleanText(displayName), NAME_WIDTH),
          from: `from ${shortId(peer)}`,
          done: humanBytes(bytes),
          size: humanBytes(totalSize),
          rate: bytesPerSecond === undefined ? '' : `${humanBytes(bytesPerSecond)}/s`,
        };
        const bar = known.get(key);
        if (bar) bar.update(bytes, payload);
        // A share that ended before we looked has no bar to move.
        else if (phase === 'running') known.set(key, bars.create(totalSize, bytes, payload));
      }
    },
    above(line) {
      // Without a bar the library keeps the line for ever; with one it writes over what stands there.
      if (bars.isActive) bars.log(`${line}${CLEAR_TO_END}\n`);
      else output.line(line);
    },
    stop() {
      // Lines that came since the last redraw would be lost.
      if (bars.isActive) bars.update();
      bars.stop();
    },
  };
}
