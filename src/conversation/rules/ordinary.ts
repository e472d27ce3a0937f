import type { Decoded } from '../../events/decode.ts';
import { editTarget } from './commit-facts.ts';
import { type Flaw, flaw } from './rule.ts';

/** Types with rules of their own. All others are judged as ordinary commits, or as edits when they name what they edit. */
export type RuledType = 'vote' | 'member' | 'application/update-profile' | 'application/checkpoint';
const RULED: ReadonlySet<string> = new Set<RuledType>([
  'vote',
  'member',
  'application/update-profile',
  'application/checkpoint',
]);

export function isRuledType(type: string): type is RuledType {
  return RULED.has(type);
}

/** R7: other readers fail on these values and then see no type at all. */
export function judgeType(content: Decoded): Flaw | undefined {
  if (content.outcome === 'merge') return undefined;
  if (content.type === '') return flaw('R7', content.outcome === 'malformed' ? content.reason : 'the type is empty');
  const { mode, totalSize } = content.raw ?? {};
  if (mode !== undefined && typeof mode !== 'number') return flaw('R7', 'its mode is no number');
  if (totalSize !== undefined && !/^[0-9]+/.test(String(totalSize))) return flaw('R7', 'its totalSize is no number');
  return undefined;
}

/** What nearly all commits say, as it is written: a message that answers nothing, without a character that JSON escapes. */
const PLAIN_MESSAGE = /^\{"body":"[ !#-[\]-\uffff]*","type":"text\/plain"\}$/;

/**
 * Whether a commit of one parent with this text passes the rules of its type, R7 and R49, so long as it changes no file: it is no
 * edit, and of no type with rules of its own. Only for plain texts: of odd ones it says no, and `judge` has to be asked.
 */
export function isOrdinaryText(message: string): boolean {
  if (PLAIN_MESSAGE.test(message)) return true;
  const raw = plainBody(message);
  const type = raw?.['type'];
  if (!raw || typeof type !== 'string' || type === '' || isRuledType(type)) return false;
  const content: Decoded = { outcome: 'unknown', type, raw };
  return judgeType(content) === undefined && editTarget(content) === undefined;
}

/** Strict JSON, an object that holds no other one. */
function plainBody(message: string): Record<string, unknown> | undefined {
  let body: unknown;
  try {
    body = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (!isObject(body) || Array.isArray(body) || Object.hasOwn(body, '__proto__')) return undefined;
  return Object.values(body).some(isObject) ? undefined : body;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
