/** The name of an announced file on disk (docs/format.md, "Files"). */
import { type CommitId, type FileId, fileIdFrom } from '../ids.ts';

/** In bytes of UTF-8: the format's other readers count those. */
const LONGEST_EXTENSION = 7;

/** The part after the last dot, when it is one to seven bytes long. */
export function extensionOf(displayName: string): string | undefined {
  const dot = displayName.lastIndexOf('.');
  if (dot < 0) return undefined;
  const extension = displayName.slice(dot + 1);
  const length = Buffer.byteLength(extension);
  return length > 0 && length <= LONGEST_EXTENSION ? extension : undefined;
}

/** False when the extension, which becomes part of a file name, could lead out of its folder. */
export function isSafeDisplayName(displayName: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be kept out of a path.
  return !/[/\\\u0000-\u001f\u007f]/.test(extensionOf(displayName) ?? '');
}

/** `<commit>_<tid>[.<extension>]`; throws a zod error for a display name that is not safe. */
export function fileIdOf(commit: CommitId, file: { tid: string; displayName: string }): FileId {
  const extension = extensionOf(file.displayName);
  return fileIdFrom(`${commit}_${file.tid}${extension === undefined ? '' : `.${extension}`}`);
}
