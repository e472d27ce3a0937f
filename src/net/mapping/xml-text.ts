/**
 * As much of XML as a router's answers need: the text of an element that holds nothing but text. There is no parser, so
 * there are no entities to grow and no nesting to exhaust the stack; each function goes over the text once.
 */

/** The text of the first element of that name, whatever its prefix; undefined when there is none. */
export function textOf(name: string, xml: string): string | undefined {
  const start = new RegExp(`<(?:[A-Za-z][\\w.-]{0,63}:)?${name}(?:\\s[^<>]{0,1024})?>([^<]*)</`).exec(xml);
  return start?.[1] === undefined ? undefined : unescapeXml(start[1].trim());
}

/** What lies in each of the elements of that name, which hold no others of it. */
export function partsOf(name: string, xml: string): readonly string[] {
  return xml
    .split(`</${name}>`)
    .slice(0, -1)
    .map((before) => before.slice(before.lastIndexOf(`<${name}>`)));
}

const NAMES = [
  ['&', 'amp'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['"', 'quot'],
  ["'", 'apos'],
] as const;
const NAME_OF: ReadonlyMap<string, string> = new Map(NAMES);
const CHARACTER_OF: ReadonlyMap<string, string> = new Map(NAMES.map(([character, name]) => [name, character]));

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&${NAME_OF.get(character)};`);
}

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => CHARACTER_OF.get(name) ?? whole);
}
