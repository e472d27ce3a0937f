/** A fenced block of a Markdown page. `info` is what follows the fence: the language, then perhaps a mark. */
export interface Block {
  /** Of the opening fence, from 1. */
  readonly line: number;
  readonly info: string;
  readonly code: string;
}

export function markdownBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (!fence) open?.code.push(line);
    else if (open) {
      blocks.push({ ...open, code: open.code.join('\n') });
      open = undefined;
    } else open = { line: index + 1, info: (fence[1] ?? '').trim(), code: [] };
  }
  return blocks;
}
