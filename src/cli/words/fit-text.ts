import { textWidth } from './text-width.ts';

const CUT = '…';

/** The text padded to that many columns of a terminal, or cut to them, with `…`; whole characters only, wide ones count double. */
export function fitText(text: string, columns: number): string {
  const fitted = textWidth(text) <= columns ? text : beginningOf(text, columns - 1) + CUT.slice(0, columns);
  return fitted + ' '.repeat(Math.max(0, columns - textWidth(fitted)));
}

function beginningOf(text: string, columns: number): string {
  let beginning = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (textWidth(beginning + segment) > columns) break;
    beginning += segment;
  }
  return beginning;
}
