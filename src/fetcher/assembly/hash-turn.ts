/**
 * Who goes first where the bytes of a file and the hash of the whole want the same cores: the hash, unless somebody reads
 * the file while it comes. Pure: the driver is `whole-hash.ts`. Positions are in bytes from the file's start.
 *
 * Laws: the hash is let on to nothing that is not right, and never back; as long as it holds up the bytes it has
 * something left to hash, so that they go on in the end.
 */
import { HASH_BESIDE_READING_BYTES, HASH_LAG_BYTES } from '../../limits.ts';

export interface HashTurn {
  /** Nobody has to wait where there are cores for all. */
  readonly isContended: boolean;
  /** The file is right up to here. */
  readonly right: number;
  /** The hash was let on to here. */
  readonly released: number;
  /** It has come this far. */
  readonly hashed: number;
  /** Bytes that came to the hash many at a time: that it is behind with them holds up nobody. */
  readonly excused: number;
  /** Somebody reads what is still coming. */
  readonly isReadAlong: boolean;
  /** Where the file was right up to when time was last looked at. */
  readonly rightBefore: number;
}

export function startHashTurn(isContended: boolean): HashTurn {
  const isReadAlong = false;
  return { isContended, right: 0, released: 0, hashed: 0, excused: 0, isReadAlong, rightBefore: 0 };
}

export function onRight(turn: HashTurn, right: number): HashTurn {
  return release({ ...turn, right });
}

export function onHashed(turn: HashTurn, hashed: number): HashTurn {
  return { ...turn, hashed, excused: Math.min(turn.excused, turn.released - hashed) };
}

export function onReaders(turn: HashTurn, isReadAlong: boolean): HashTurn {
  return release({ ...turn, isReadAlong });
}

/** Every `TRANSFER_TICK_MS`. Where bytes come slowly the hash takes nothing away from a reader. */
export function onTick(turn: HashTurn): HashTurn {
  const isSlow = turn.right - turn.rightBefore < HASH_BESIDE_READING_BYTES;
  const looked = { ...turn, rightBefore: turn.right };
  return isSlow ? releaseAll(looked) : looked;
}

/**
 * Whether bytes have to wait until the hash has come further. `underWay`: bytes taken in that are not known to be right yet.
 * They count, so that bytes come at the pace of the hash, and not in bursts of as much as a channel may hold.
 */
export function isBehind({ isContended, isReadAlong, released, hashed, excused }: HashTurn, underWay: number): boolean {
  const left = released - hashed - excused;
  return isContended && !isReadAlong && left > 0 && left + underWay > HASH_LAG_BYTES;
}

function release(turn: HashTurn): HashTurn {
  return turn.isContended && turn.isReadAlong ? turn : releaseAll(turn);
}

/** A resume, a long chunk, the end of reading: nobody could have hashed that before. */
function releaseAll(turn: HashTurn): HashTurn {
  const more = turn.right - turn.released;
  if (more <= 0) return turn;
  return { ...turn, released: turn.right, excused: turn.excused + (more > HASH_LAG_BYTES / 2 ? more : 0) };
}
