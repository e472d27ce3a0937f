import { fileFailure } from '../../../errors.ts';
import { asCommitId, ID_BYTES, idFromBytes } from '../../../id-bytes.ts';
import { openFileAccess } from '../file-access-adapter.ts';
import { openQuarantine, type Quarantine } from '../quarantine-adapter.ts';
import type { PackWatch } from '../receive/arrival.ts';
import type { ReceivedPack } from '../receive/receive-pack-adapter.ts';
import { receiveWhereItFits } from '../receive/receive-pack-thread-adapter.ts';
import type { Objects, StagedPack } from '../repository.ts';
import { createPackObjects } from './pack-objects.ts';

export interface StagePackOptions {
  readonly objectsDirectory: string;
  /** The repository's own objects: bases of a thin pack, and what the staged objects refer to. */
  readonly own: Objects;
  readonly signal: AbortSignal;
  readonly watch?: PackWatch | undefined;
  /** Called when the pack has come into place. */
  readonly onKept: () => Promise<void>;
}

/**
 * Takes a pack into `objects/incoming-<random>/`, where nobody else looks, and indexes it while it arrives.
 * Whatever goes wrong, the quarantine is removed. Throws MALFORMED, LIMIT_EXCEEDED, DISK_FULL, FILE_FAILED, WORKER_FAILED.
 */
export async function stagePack(chunks: AsyncIterable<Uint8Array>, options: StagePackOptions): Promise<StagedPack> {
  const quarantine = await openQuarantine(options.objectsDirectory).catch((error: unknown) => {
    throw fileFailure(options.objectsDirectory, error);
  });
  try {
    const pack = await receiveWhereItFits(chunks, {
      ...options,
      path: quarantine.packPath,
      indexPath: quarantine.indexPath,
    });
    return await stagedPack(pack, quarantine, options);
  } catch (error) {
    await quarantine[Symbol.asyncDispose]();
    throw error;
  }
}

async function stagedPack(pack: ReceivedPack, quarantine: Quarantine, options: StagePackOptions): Promise<StagedPack> {
  const { packPath: path } = quarantine;
  const { own, onKept } = options;
  const access = await openFileAccess(path, { size: pack.size });
  const packed = createPackObjects({ index: pack.index, access, path });
  async function dispose(): Promise<void> {
    await access[Symbol.asyncDispose]();
    await quarantine[Symbol.asyncDispose]();
  }
  return {
    packs: () => [{ path, start: 0, size: pack.size, index: packed.index }],
    commitIds: Array.from({ length: pack.commitIds.byteLength / ID_BYTES }, (_, place) =>
      asCommitId(idFromBytes(pack.commitIds, place * ID_BYTES)),
    ),
    objects: {
      read: async (id) => (await packed.find(id)) ?? own.read(id),
      has: async (id) => packed.has(id) || own.has(id),
    },
    async keep() {
      try {
        if (pack.objects > 0) {
          await quarantine.release(pack);
          await onKept();
        }
      } catch (error) {
        throw fileFailure(path, error);
      } finally {
        await dispose();
      }
    },
    [Symbol.asyncDispose]: dispose,
  };
}
