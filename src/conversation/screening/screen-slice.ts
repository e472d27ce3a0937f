import { isSyncError } from '../../errors.ts';
import { ID_BYTES, idFromBytes } from '../../id-bytes.ts';
import { SCREENING_WORK_BYTES } from '../../limits.ts';
import { objectIdOf } from '../repository/objects/object-id.ts';
import { inflateExactly } from '../repository/packs/inflate.ts';
import { parseEntryHeader } from '../repository/packs/pack-entry.ts';
import { type PackSource, readPacked } from '../repository/packs/packed-object.ts';
import type { GitObject } from '../repository/repository.ts';
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
  for (let place = 0; place < offsets.length && workBytes <= SCREENING_WORK_BYTES; place += 1) {
    const offset = offsets[place] ?? 0;
    const whole = readWhole(stretch, offset);
    workBytes += whole?.bytes.byteLength ?? 0;
    const object = whole ?? (await readAlone(charged, offset));
    const id = idFromBytes(ids, place * ID_BYTES);
    if (object?.type !== 'commit' || objectIdOf('commit', object.bytes) !== id) continue;
    const screening = screenCommit(id, object.bytes, keyOf);
    const screened = screening instanceof Promise ? await screening : screening;
    if (screened !== undefined) end = writeRecord(records, end, screened);
  }
  return records.subarray(0, end);
}

/** All that the slice covers but the end of its last object, in one piece. */
interface Stretch {
  readonly start: number;
  readonly bytes: Uint8Array;
  /** For one object after the other: new memory for each costs more than reading its text. */
  readonly room: Uint8Array;
}

const LAST_OBJECT_BYTES = 4096;
/** Most commits have a tenth of that. */
const ROOM_BYTES = 16 * 1024;
const NOT_READ = Buffer.of();

async function stretchOf({ access }: Pick<PackSource, 'access'>, offsets: Float64Array): Promise<Stretch> {
  const [start = 0] = offsets;
  const length = (offsets.at(-1) ?? start) - start + LAST_OBJECT_BYTES;
  return { start, bytes: await access.at(start, length), room: new Uint8Array(ROOM_BYTES) };
}

/**
 * Most commits lie whole in the stretch; what is read is there until the next one is. Of objects that are none the bytes are not read.
 * Undefined for a delta, and for what is damaged or goes on beyond the stretch.
 */
function readWhole({ start, bytes, room }: Stretch, offset: number): GitObject | undefined {
  try {
    const header = parseEntryHeader(bytes, offset - start);
    if (header?.kind !== 'whole') return undefined;
    if (header.type !== 'commit') return { type: header.type, bytes: NOT_READ };
    const inflated = inflateExactly(bytes.subarray(header.next), header.size, room);
    return inflated.outcome === 'done' ? { type: 'commit', bytes: inflated.bytes } : undefined;
  } catch (error) {
    return passOverDamage(error);
  }
}

/** Undefined for what is damaged. */
async function readAlone(source: PackSource, offset: number): Promise<GitObject | undefined> {
  return readPacked(source, offset).catch(passOverDamage);
}

function passOverDamage(error: unknown): undefined {
  if (isSyncError(error)) return undefined;
  throw error;
}
