import { isSyncError } from '../../errors.ts';
import { ID_BYTES, idFromBytes } from '../../id-bytes.ts';
import { SCREENING_WORK_BYTES } from '../../limits.ts';
import { objectIdOf } from '../repository/objects/object-id.ts';
import { inflateExactly } from '../repository/packs/inflate.ts';
import { parseEntryHeader } from '../repository/packs/pack-entry.ts';
import { type PackSource, readPacked } from '../repository/packs/packed-object.ts';
import type { PackSlice } from './pack-slices.ts';
import { type KeyOf, screenCommit } from './screen-commit.ts';
import { RECORD_BYTES, writeRecord } from './screened-record.ts';

/**
 * Finds out what can be said of the commits of a slice one by one, signatures included. What is damaged, of no plain form,
 * or too much work is left out: whoever judges reads it again and says what is wrong with it.
 */
export async function screenSlice(
  { offsets, ids }: Omit<PackSlice, 'pack'>,
  { source, keyOf }: { readonly source: Omit<PackSource, 'charge'>; readonly keyOf: KeyOf },
): Promise<Uint8Array> {
  let workBytes = 0;
  const charged = { ...source, charge: (bytes: number) => (workBytes += bytes) };
  const stretch = await stretchOf(source, offsets);
  const records = Buffer.alloc(offsets.length * RECORD_BYTES);
  let end = 0;
  for (const [place, offset] of offsets.entries()) {
    if (workBytes > SCREENING_WORK_BYTES) break;
    const bytes = await readCommit(charged, stretch, offset);
    const id = idFromBytes(ids, place * ID_BYTES);
    if (!bytes || objectIdOf('commit', bytes) !== id) continue;
    const screened = await screenCommit(id, bytes, keyOf);
    if (!screened) continue;
    writeRecord(records.subarray(end, end + RECORD_BYTES), screened);
    end += RECORD_BYTES;
  }
  return records.subarray(0, end);
}

/** All that the slice covers but the end of its last object, in one piece. */
interface Stretch {
  readonly start: number;
  readonly bytes: Uint8Array;
}

const LAST_OBJECT_BYTES = 4096;

async function stretchOf({ access }: Pick<PackSource, 'access'>, offsets: Float64Array): Promise<Stretch> {
  const [start = 0] = offsets;
  const length = (offsets.at(-1) ?? start) - start + LAST_OBJECT_BYTES;
  return { start, bytes: await access.at(start, length) };
}

/** Most commits lie whole in the stretch; deltas, and what goes on beyond it, are read by themselves. Undefined for what is no commit, or damaged. */
async function readCommit(
  source: PackSource,
  { start, bytes }: Stretch,
  offset: number,
): Promise<Uint8Array | undefined> {
  try {
    const header = parseEntryHeader(bytes, offset - start);
    if (header?.kind === 'whole') {
      if (header.type !== 'commit') return undefined;
      const inflated = inflateExactly(bytes.subarray(header.next), header.size);
      if (inflated.outcome === 'done') {
        source.charge?.(header.size);
        return inflated.bytes;
      }
    }
    const object = await readPacked(source, offset);
    return object.type === 'commit' ? object.bytes : undefined;
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}
