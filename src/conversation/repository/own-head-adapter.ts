import type { CommitId } from '../../ids.ts';
import { REDO_FLUSH_BYTES } from '../../limits.ts';
import { createMutex } from '../write/mutex.ts';
import type { LooseObjects } from './objects/loose-objects-adapter.ts';
import { createPlacing, type Placing } from './redo/placing.ts';
import { redo } from './redo/redo-adapter.ts';
import { openRedoFile, redoPath } from './redo/redo-file-adapter.ts';
import { flushRef, lockRef, moveRef, type RefMove } from './ref-lock-adapter.ts';
import type { GitObject, Repository } from './repository.ts';

export const MAIN = 'refs/heads/main';

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
export interface OwnHead extends Pick<Repository, 'append' | 'moveHead' | 'writeAll'>, AsyncDisposable {
  /** What was appended and is not in place yet. */
  readonly placing: Pick<Placing, 'head' | 'find' | 'finish'>;
  /** The head will move in another way: what has to last before that is flushed beside whatever else is done. */
  flushAhead(): void;
}

/**
 * What is appended stands in the redo file for good before it counts, and comes into place while nobody waits for it. There it is flushed
 * whenever there is much of it, which nobody waits for either, before the head moves in another way, and at the end. So a small
 * commit waits for the disk once, for one block. Before it is opened `redoAppended` does again what a crash has undone.
 */
export function openOwnHead({ gitDirectory, loose, onWritten }: OwnHeadParts): OwnHead {
  const redoFile = openRedoFile(redoPath(gitDirectory));
  const placing = createPlacing({
    lockHead: (from) => lockRef(gitDirectory, { ref: MAIN, from }),
    placeObjects: async (objects) => onWritten(await loose.placeAll(objects)),
  });

  const flushes = createMutex();
  /** Of the redo file, what has been flushed where it belongs, or is being. */
  let flushedTo = 0;

  /** Has everything last where it belongs that was appended so far. If no more has come meanwhile, nothing is left to be done again. */
  async function flushPlaced(): Promise<void> {
    await placing.finish();
    flushedTo = redoFile.used();
    await loose.flush();
    if (flushedTo > 0) await flushRef(gitDirectory, MAIN);
    if (redoFile.emptyAt(flushedTo)) flushedTo = 0;
  }

  const settle = () => flushes.run(flushPlaced);

  function flushAhead(): void {
    // What the disk does not take now is flushed when somebody has to wait for it, and told then.
    settle().catch(() => {});
  }

  async function moveHead(move: Omit<RefMove, 'ref'>): Promise<void> {
    await placing.finish();
    await moveRef(gitDirectory, { ...move, ref: MAIN, settle });
  }

  async function writeAll(objects: readonly GitObject[]): Promise<void> {
    // They may refer to what is not there yet.
    await placing.finish();
    onWritten(await loose.writeAll(objects));
  }

  async function append(
    objects: readonly GitObject[],
    move: { readonly from: CommitId; readonly to: CommitId },
  ): Promise<void> {
    const entry = { ...move, objects };
    const writeDown = () => placing.append(entry, (locked) => redoFile.append(entry, locked));
    if (await writeDown()) {
      if (redoFile.used() - flushedTo >= REDO_FLUSH_BYTES) flushAhead();
      return;
    }
    await settle();
    if (await writeDown()) return;
    await writeAll(objects);
    await moveHead(move);
  }

  return {
    placing,
    flushAhead,
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
