import type { Digest } from '../../ids.ts';
import { never } from '../../never.ts';
import type { FileStamp, Standing } from '../ports.ts';

/** What the log says about a file, as far as its state needs it. */
export interface ExpectedFile {
  /** Bytes. */
  readonly totalSize: number;
  readonly digest: Digest;
  readonly isDeleted: boolean;
}

export interface FileState {
  /**
   * complete: size and digest are right. partial: a shorter file under its name, or only a temporary one.
   * corrupt: as long or longer with another digest, or no file at all but something else. deleted: taken back, whatever lies here.
   */
  readonly state: 'complete' | 'missing' | 'partial' | 'corrupt' | 'deleted';
  /** Bytes that lie here. */
  readonly bytes: number;
}

export interface Findings {
  readonly standing: Standing;
  /** `<fileId>.tmp`. */
  readonly temporary: Standing;
  /** Of the whole file under its name; needed only where `needsDigest` says so. */
  readonly digest?: Digest;
}

/** Only a file of the right size can be the right one, so only that is worth hashing. */
export function needsDigest({ totalSize, isDeleted }: ExpectedFile, standing: Standing): boolean {
  return !isDeleted && typeof standing === 'object' && standing.size === totalSize;
}

/** What a file that was announced is on this device. Pure: the looking is done by `scan.ts`. */
export function fileState(expected: ExpectedFile, { standing, temporary, digest }: Findings): FileState {
  if (expected.isDeleted) return { state: 'deleted', bytes: sizeOf(standing) };
  if (typeof standing === 'object') return stateOfFile(expected, standing, digest);
  switch (standing) {
    case 'no-file':
      return { state: 'corrupt', bytes: 0 };
    case 'nothing':
      if (typeof temporary !== 'object') return { state: 'missing', bytes: 0 };
      return { state: 'partial', bytes: temporary.size };
    default:
      return never(standing);
  }
}

function stateOfFile({ totalSize, digest: expected }: ExpectedFile, { size }: FileStamp, digest?: Digest): FileState {
  if (size < totalSize) return { state: 'partial', bytes: size };
  return { state: size === totalSize && digest === expected ? 'complete' : 'corrupt', bytes: size };
}

function sizeOf(standing: Standing): number {
  return typeof standing === 'object' ? standing.size : 0;
}
