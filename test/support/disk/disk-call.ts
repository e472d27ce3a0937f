/** What a program asks of the file system, as far as it changes something or makes it last. */

/** Stands for an open file or directory; one for each time that it is opened. */
export interface OpenFile {
  readonly path: string;
}

export type DiskCall =
  /** Also for reading only: a directory that is opened may be flushed later. */
  | { readonly kind: 'open'; readonly path: string; readonly creates: boolean; readonly empties: boolean }
  /** `at` is absent for a write at the end of what was written through this opening. */
  | { readonly kind: 'write'; readonly file: OpenFile; readonly bytes: Uint8Array; readonly at: number | undefined }
  | { readonly kind: 'truncate'; readonly file: OpenFile; readonly size: number }
  | { readonly kind: 'flush'; readonly file: OpenFile }
  /** With all directories above it that are missing. */
  | { readonly kind: 'make-directory'; readonly path: string }
  /** A file, or a directory with all that is in it. */
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'link'; readonly from: string; readonly to: string }
  | { readonly kind: 'copy'; readonly from: string; readonly to: string }
  | { readonly kind: 'write-whole'; readonly path: string; readonly bytes: Uint8Array };

/** Where a call takes place, for messages and for telling one place from another. */
export function placeOf(call: DiskCall): string {
  if ('file' in call) return call.file.path;
  return 'path' in call ? call.path : call.to;
}

/** Whether the call changes anything, or makes it last: a point to stop at. */
export function isWritePoint(call: DiskCall): boolean {
  return call.kind !== 'open' || call.creates || call.empties;
}
