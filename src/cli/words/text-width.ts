import { createRequire } from 'node:module';

/** One column each, and nearly all that is ever shown. */
const PRINTABLE_ASCII = /^[ -~]*$/;

let measure: ((text: string) => number) | undefined;

/**
 * How many columns of a terminal a text takes: wide characters count double, colours and what joins characters not at all.
 *
 * The package that knows is loaded with the first text that needs it: making its tables takes longer than most commands.
 */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  measure ??= (createRequire(import.meta.url)('string-width') as typeof import('string-width')).default;
  return measure(text);
}
