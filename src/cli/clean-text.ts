/** Control characters, and the marks that turn the direction of text around. A space or a line break may stay where it is asked for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal.
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text from a log, made safe and one line long for a terminal: what could move the cursor or reorder the line shows as U+FFFD. */
export function cleanText(text: string): string {
  return text.replace(/\r?\n|\t/g, ' ').replace(HARMFUL, '\ufffd');
}

/** Longest text shown on a line for a person; the JSON has it whole. */
const LINE_CHARACTERS = 400;

/** Clean text that leaves room for the next line: what is longer is cut, and says so. */
export function lineText(text: string): string {
  const characters = [...cleanText(text)];
  if (characters.length <= LINE_CHARACTERS) return characters.join('');
  return `${characters.slice(0, LINE_CHARACTERS).join('')}… (${characters.length} characters)`;
}
