/**
 * What one side of a session says is a row of bytes, cut into pages. Each page is a record of its own, and only the last one
 * changes: it grows until it is full. So a record that is lost, late or old costs time and nothing else.
 */
import { SyncError } from '../../errors.ts';
import { RECORD_BYTES, RECORD_PAGES } from '../../limits.ts';
import { SEAL_BYTES } from './seal.ts';

/** Whether it is the end (1 byte), and the number of the last page when this one was written (1). */
const HEAD_BYTES = 2;
/** Of what is said, on a full page. */
export const PAGE_BYTES = RECORD_BYTES - SEAL_BYTES - HEAD_BYTES;

/**
 * The pages before they are sealed. The last one is never full, so that it is still looked for when its end comes.
 * Throws LIMIT_EXCEEDED.
 */
export function pagesOf(said: Uint8Array, isEnded: boolean): readonly Uint8Array[] {
  const count = 1 + Math.floor(said.byteLength / PAGE_BYTES);
  if (count > RECORD_PAGES)
    throw new SyncError('LIMIT_EXCEEDED', { what: 'What is signalled by records', limit: RECORD_PAGES, actual: count });
  const last = count - 1;
  return Array.from({ length: count }, (_, index) => {
    const bytes = said.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES);
    return Buffer.concat([Uint8Array.of(Number(isEnded && index === last), last), bytes]);
  });
}

/** A page says the same as it did, but for how many there are: it only grows, and its end comes once. */
export function isSamePage(before: Uint8Array | undefined, after: Uint8Array): boolean {
  return before?.byteLength === after.byteLength && before[0] === after[0];
}

/** Puts what the other side said together again, whatever comes first, twice, or as it was before. */
export interface PageReader {
  /** The pages to look at next. */
  wanted(): readonly number[];
  /** Returns what can be read now and could not before. */
  push(index: number, page: Uint8Array): Uint8Array;
  /** Everything was read, and the other side says no more. */
  readonly isEnded: boolean;
}

export function createPageReader(): PageReader {
  const pages: Uint8Array[] = [];
  let [first, read, last, lastEnded] = [0, 0, 0, -1];

  const lengthOf = (index: number) => Math.max(0, (pages[index]?.byteLength ?? 0) - HEAD_BYTES);

  function take(): Uint8Array {
    const taken: Uint8Array[] = [];
    for (;;) {
      taken.push(pages[first]?.subarray(HEAD_BYTES + read) ?? NOTHING);
      read = lengthOf(first);
      if (read < PAGE_BYTES || first === RECORD_PAGES - 1) return Buffer.concat(taken);
      [first, read] = [first + 1, 0];
    }
  }

  return {
    wanted: () => Array.from({ length: Math.max(last, first) - first + 1 }, (_, place) => first + place),
    push(index, page) {
      if (page.byteLength < Math.max(HEAD_BYTES, pages[index]?.byteLength ?? 0)) return NOTHING;
      pages[index] = page;
      last = Math.min(RECORD_PAGES - 1, Math.max(last, page[1] ?? 0));
      if (page[0] === 1) lastEnded = index;
      return take();
    },
    get isEnded() {
      return first === lastEnded;
    },
  };
}

const NOTHING = new Uint8Array();
