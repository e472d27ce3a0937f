import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';

const ODD: readonly unknown[] = [
  null,
  true,
  '',
  0,
  -1,
  1e308,
  0.5,
  2 ** 53,
  [],
  {},
  '\u0000',
  '\ud800',
  '../../etc/passwd',
  'x'.repeat(5000),
  { toString: 1, length: -1 },
];
const NAMES = ['__proto__', 'constructor', 'toString', 'type', 'kind', 'say', '', 'edit', 'length'];

/** JSON text with a value changed in its own structure; now and then the text itself is broken. */
export function mutateJsonText(text: string, draw: Draw): Uint8Array {
  if (draw.oneIn(4)) return mutateBytes(Buffer.from(text), draw);
  if (draw.oneIn(100)) return Buffer.from(`${'['.repeat(5000)}${text}${']'.repeat(5000)}`);
  return Buffer.from(JSON.stringify(mutateJson(JSON.parse(text), draw)) ?? '');
}

function mutateJson(value: unknown, draw: Draw): unknown {
  if (Array.isArray(value)) return mutateList(value, draw);
  if (typeof value === 'object' && value !== null) return mutateObject(value, draw);
  if (typeof value === 'string' && draw.oneIn(2)) return Buffer.from(mutateBytes(Buffer.from(value), draw)).toString();
  return draw.pick(ODD);
}

function mutateList(list: readonly unknown[], draw: Draw): unknown {
  if (list.length === 0 || draw.oneIn(4)) return draw.pick(ODD);
  const at = draw.below(list.length);
  if (draw.oneIn(3)) return [...list, ...list, list];
  return list.with(at, mutateJson(list[at], draw));
}

function mutateObject(object: object, draw: Draw): unknown {
  const entries = Object.entries(object);
  if (entries.length === 0 || draw.oneIn(10)) return draw.pick(ODD);
  const at = draw.below(entries.length);
  const [name, value] = entries[at] ?? ['', undefined];
  const change = draw.below(4);
  if (change === 0) return Object.fromEntries(entries.toSpliced(at, 1));
  if (change === 1) return Object.fromEntries([...entries, [draw.pick(NAMES), draw.pick(ODD)]]);
  return Object.fromEntries(entries.with(at, [change === 2 ? draw.pick(NAMES) : name, mutateJson(value, draw)]));
}
