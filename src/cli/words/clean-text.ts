/** What could move the cursor, end the line, or turn the direction of text around. */
const HARMFUL = /[\p{Control}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text from a log, made safe and one line long for a terminal: spaces for line breaks and tabs, U+FFFD for anything harmful. */
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
