import type { AnnouncedFile } from './ports.ts';

declare const fileKeyBrand: unique symbol;
/** Tells announced files of all conversations apart, in maps. */
export type FileKey = string & { readonly [fileKeyBrand]: true };

export function fileKey({ conversation, fileId }: Pick<AnnouncedFile, 'conversation' | 'fileId'>): FileKey {
  return `${conversation}/${fileId}` as FileKey;
}

/** What every journal record on a file begins with. */
export function fileFields({ conversation, interaction, fileId }: AnnouncedFile) {
  return { conversation, interaction, fileId };
}
