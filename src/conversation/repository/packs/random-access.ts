/** Bytes that can be read at any place: a pack in a file, or in memory. */
export interface RandomAccess {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer only at the end. The bytes must not be changed. */
  at(offset: number, length: number): Promise<Uint8Array>;
}
