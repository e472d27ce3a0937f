import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

export interface CopyOptions {
  /** Ends the copying; what there is of the target stays. */
  readonly signal: AbortSignal;
  /** Told how much there is by now; never of a file that shares its blocks with the original. */
  readonly onCopied: (bytes: number, totalSize: number) => void;
}

/** Copies a file to a name that is not taken: at once where the file system can, piece by piece elsewhere. */
export async function copyFileTo(target: string, source: string, options: CopyOptions): Promise<void> {
  options.signal.throwIfAborted();
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
  } catch {
    await copyInPieces(target, source, options);
  }
}

/** For file systems that share no blocks, and from one to another. */
export async function copyInPieces(target: string, source: string, { signal, onCopied }: CopyOptions): Promise<void> {
  const { size } = await stat(source);
  async function* counted(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let copied = 0;
    for await (const piece of pieces) {
      yield piece;
      copied += piece.byteLength;
      onCopied(copied, size);
    }
  }
  await pipeline(createReadStream(source), counted, createWriteStream(target, { flags: 'wx', mode: 0o600 }), {
    signal,
  });
}
