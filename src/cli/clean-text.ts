/** Control characters, and the marks that turn the direction of text around. A space or a line break may stay where it is asked for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal.
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from a log, made safe and one line long for a terminal: what could move the cursor or reorder the line shows as U+FFFD. */
export function cleanText(text: string): string {
  return text.replace(/\r?\n|\t/g, ' ').replace(HARMFUL, '\ufffd');
}
