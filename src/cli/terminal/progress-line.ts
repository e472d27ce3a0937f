import { cleanText } from '../words/clean-text.ts';
import { fitText } from '../words/fit-text.ts';
import { textWidth } from '../words/text-width.ts';
import type { TransferEvent } from '../words/transfer-event.ts';
import { percentOf, transferFigures } from '../words/transfer-figures.ts';
import type { Output } from './output.ts';

const NAME_WIDTH = 20;
const BAR_WIDTH = 10;
/** Of the figures after the percentage; most are not wider, so that the next one stays where it is. */
const FIGURE_WIDTHS = { done: 18, rate: 10, left: 9, from: 0 } as const;
const COLUMNS = 80;

export interface LineStyle {
  /** Of the terminal; 80 if it does not say. */
  readonly columns: number | undefined;
  readonly colours: Output['colours'];
}

/** A transfer as one line: name, bar and percentage, and of the other figures, in their order, as many as there is room for. */
export function progressLine(transfer: TransferEvent, { columns = COLUMNS, colours }: LineStyle): string {
  const name = fitText(cleanText(transfer.displayName), NAME_WIDTH);
  const percent = percentOf(transfer);
  const full = Math.round((percent / 100) * BAR_WIDTH);
  const bar = colours.green('■'.repeat(full)) + colours.dim('·'.repeat(BAR_WIDTH - full));
  let line = `${name} ${bar} ${`${percent}%`.padStart(4)}`;
  const figures = transferFigures(transfer);
  for (const figure of ['done', 'rate', 'left', 'from'] as const) {
    const longer = `${line}  ${figures[figure].padStart(FIGURE_WIDTHS[figure])}`;
    if (textWidth(longer) > columns) break;
    line = longer;
  }
  return line.trimEnd();
}
