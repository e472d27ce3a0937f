import { extensionOf } from '../../events/file-id.ts';

export const FILE_TYPES = ['picture', 'audio', 'video', 'document'] as const;
export type FileType = (typeof FILE_TYPES)[number];

/** SVG can carry scripts and is no picture. What may hold anything, such as archives, has no type. */
const EXTENSIONS: Readonly<Record<FileType, readonly string[]>> = {
  picture: ['avif', 'bmp', 'gif', 'heic', 'heif', 'jpeg', 'jpg', 'png', 'webp'],
  audio: ['aac', 'flac', 'm4a', 'mp3', 'oga', 'ogg', 'opus', 'wav', 'wma'],
  video: ['avi', 'm4v', 'mkv', 'mov', 'mp4', 'mpeg', 'mpg', 'ogv', 'webm', 'wmv'],
  document: [
    'csv',
    'doc',
    'docx',
    'epub',
    'md',
    'odp',
    'ods',
    'odt',
    'pdf',
    'ppt',
    'pptx',
    'rtf',
    'txt',
    'xls',
    'xlsx',
  ],
};

const TYPES: ReadonlyMap<string, FileType> = new Map(
  FILE_TYPES.flatMap((type) => EXTENSIONS[type].map((extension) => [extension, type] as const)),
);

/** By name only: nothing of the content is known before it is fetched. */
export function fileTypeOf(displayName: string): FileType | undefined {
  return TYPES.get(lowerExtensionOf(displayName));
}

/** Empty when the name has none that counts. */
export function lowerExtensionOf(displayName: string): string {
  return extensionOf(displayName)?.toLowerCase() ?? '';
}
