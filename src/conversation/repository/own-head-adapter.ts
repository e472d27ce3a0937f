import type { CommitId, ObjectId } from '../../ids.ts';
import type { LooseObjects } from './objects/loose-objects-adapter.ts';
import { redo } from './redo/redo-adapter.ts';
import { openRedoFile, redoPath } from './redo/redo-file-adapter.ts';
import { flushRef, moveRef, placeRef, type RefMove } from './ref-lock-adapter.ts';
import type { GitObject, Repository } from './repository.ts';

const MAIN = 'refs/heads/main';

/** Throws DISK_FULL, FILE_FAILED. */
export function redoAppended(gitDirectory: string): Promise<void> {
  return redo(gitDirectory, MAIN);
}

export interface OwnHeadParts {
  readonly gitDirectory: string;
  readonly loose: LooseObjects;
  /** So many loose objects have come in. */
  readonly onWritten: (count: number) => void;
}

/** Moves the branch of an own repository, alone or with what it goes on to. */
export interface OwnHead extends Pick<Repository, 'append' | 'moveHead' | 'writeAll'>, AsyncDisposable {}

/**
 * What is appended stands in the redo file for good before it comes into place, where it is flushed when there is much of it, before the
 * head moves in another way, and at the end. So a small commit waits for the disk once, for one block, and readers see it at once.
 * Before it is opened `redoAppended` does again what a crash has undone.
 */
export function openOwnHead({ gitDirectory, loose, onWritten }: OwnHeadParts): OwnHead {
  const redoFile = openRedoFile(redoPath(gitDirectory));

  /** Has everything last where it belongs, so that nothing is left to be done again. */
  async function settle(): Promise<void> {
    await loose.flush();
    if (redoFile.isEmpty()) return;
    await flushRef(gitDirectory, MAIN);
    redoFile.empty();
  }

  const moveHead = (move: Omit<RefMove, 'ref'>) => moveRef(gitDirectory, { ...move, ref: MAIN, settle });

  async function writeAll(objects: readonly GitObject[]): Promise<void> {
    onWritten(await loose.writeAll(objects));
  }

  /** The reference is locked, and the objects are written beside, while what they are is still being flushed. */
  async function place(
    objects: readonly GitObject[],
    { lasting, ...move }: Omit<RefMove, 'ref'> & { readonly lasting: Promise<void> },
  ): Promise<void> {
    let placed: readonly ObjectId[] = [];
    async function placeObjects(): Promise<void> {
      placed = await loose.placeAll(objects, { after: lasting });
    }
    try {
      await placeRef(gitDirectory, { ...move, ref: MAIN, place: placeObjects });
    } catch (error) {
      loose.removeAll(placed);
      throw error;
    }
    onWritten(placed.length);
  }

  async function append(
    objects: readonly GitObject[],
    move: { readonly from: CommitId; readonly to: CommitId },
  ): Promise<void> {
    const carryOut = () => redoFile.carryOut({ ...move, objects }, (lasting) => place(objects, { ...move, lasting }));
    if (await carryOut()) return;
    await settle();
    if (await carryOut()) return;
    await writeAll(objects);
    await moveHead(move);
  }

  return {
    append,
    moveHead,
    writeAll,
    async [Symbol.asyncDispose]() {
      // What the disk does not take now is done again when the repository is opened.
      await settle().catch(() => {});
      await redoFile.close();
    },
  };
}
