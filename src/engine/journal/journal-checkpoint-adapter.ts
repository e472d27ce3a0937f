import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { writeDurably } from '../../durable-file-adapter.ts';
import { fileFailure } from '../../errors.ts';
import { initialJournalState } from '../../projections/journal/journal-state.ts';
import { JOURNAL_STATE_VERSION, piecesOf, type StatePiece, withPiece } from '../../projections/journal/kept-state.ts';
import { formatSegment, parseSegment } from '../../segment.ts';
import type { JournalCheckpoint, KeptFold } from './journal-checkpoint.ts';

/** Changes whenever the file is laid out otherwise. */
const LAYOUT = 2;
const TITLE = Buffer.from(`swarmlog-journal-checkpoint ${LAYOUT}.${JOURNAL_STATE_VERSION}\n`);

type Point = Pick<KeptFold, 'length' | 'fingerprint'>;
/** After the last piece, so that a file which ends too early is known by it. */
const END = 'end';

/**
 * The checkpoint of a journal in a file of its own: a line with the version, a segment that says of which records it is the fold,
 * one for each piece of it, and an end. Written aside, flushed and renamed. Reading and writing give others a turn after each piece.
 */
export function openJournalCheckpoint(path: string): JournalCheckpoint {
  return {
    async load() {
      // What cannot be read is as good as not there.
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      if (!TITLE.equals(bytes.subarray(0, TITLE.byteLength))) return undefined;
      const first = parseSegment(bytes, TITLE.byteLength);
      let state = initialJournalState;
      for (let at = first?.end; at !== undefined; await breathe()) {
        const segment = parseSegment(bytes, at);
        if (!segment) return undefined;
        if (segment.value === END) return { ...(first?.value as Point), state };
        state = withPiece(state, segment.value as StatePiece);
        at = segment.end;
      }
      return undefined;
    },
    async keep(fold) {
      try {
        await writeDurably(path, segmentsOf(fold), { temporaryIn: dirname(path), mode: 0o600 });
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
  };
}

async function* segmentsOf({ state, ...point }: KeptFold): AsyncGenerator<Uint8Array> {
  yield TITLE;
  yield formatSegment(point satisfies Point);
  for (const piece of piecesOf(state)) {
    yield formatSegment(piece);
    await breathe();
  }
  yield formatSegment(END);
}
