import { textWidth } from '../words/text-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Rows as aligned lines under a title line. Cells may be coloured or hold wide characters; the last column is not padded. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((cells) => textWidth(cells[at] ?? ''))));
  return lines.map((cells) =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? '';
        const gap = ' '.repeat((widths[at] ?? 0) - textWidth(cell));
        if (align === 'right') return gap + cell;
        return at === columns.length - 1 ? cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}
