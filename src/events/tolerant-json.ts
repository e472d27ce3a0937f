/**
 * JSON as the format's other readers take it: comments, commas before a closing bracket, raw control characters inside
 * strings and text after the value pass (docs/format.md, "Commit messages"). Whoever reads less would refuse histories that everybody
 * else accepts. Throws SyntaxError, as `JSON.parse` does.
 */
export function parseTolerantJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(strictFormOf(text));
  }
}

/**
 * A string, a comment, a bracket or comma, or a run of anything else. Sticky, so that an open string ends the scan
 * instead of restarting it.
 */
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[{}[\],]|[^"/{}[\],]+/y;
const STEP: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

function strictFormOf(text: string): string {
  const kept: string[] = [];
  let depth = 0;
  for (const token of tokensOf(text)) {
    if (token.startsWith('/')) continue;
    const step = STEP[token] ?? 0;
    if (step < 0) dropLastComma(kept);
    kept.push(withoutRawControls(token));
    depth += step;
    if (depth === 0 && step < 0) break;
  }
  return kept.join('');
}

function* tokensOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return;
    yield token;
    at += token.length;
  }
}

/** The comma may be followed by white space. */
function dropLastComma(kept: string[]): void {
  const last = kept.findLastIndex((token) => token.trim() !== '');
  if (kept[last] === ',') kept.splice(last, 1);
}

/** Inside strings only; between tokens they are white space or an error. */
function withoutRawControls(token: string): string {
  if (!token.startsWith('"')) return token;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON wants these escaped.
  return token.replace(/[\u0000-\u001f]/g, (control) => JSON.stringify(control).slice(1, -1));
}
