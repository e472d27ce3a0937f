import stringWidth from 'string-width';

/** The text cut or padded to that many columns of a terminal; whole characters only, wide ones count double. */
export function fitText(text: string, columns: number): string {
  let fitted = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(fitted + segment) > columns) break;
    fitted += segment;
  }
  return fitted + ' '.repeat(columns - stringWidth(fitted));
}
