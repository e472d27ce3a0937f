import type { CommitId } from '../../ids.ts';
import { REDO_FLUSH_BYTES } from '../../limits.ts';
import { createMutex } from '../write/mutex.ts';
import type { LooseObjects } from './objects/loose-objects-adapter.ts';
import { createPlacing, type Placing } from './redo/placing.ts';
import { redo, type SignAgain } from './redo/redo-adapter.ts';
import { type RedoEntry, signedEntry } from './redo/redo-entry.ts';
import { openRedoFile, type RedoFile, redoPath } from './redo/redo-file-adapter.ts';
import { flushRef, lockRef, moveRef, type RefMove } from './ref-lock-adapter.ts';
import type { GitObject, Repository } from './repository.ts';

export const MAIN = 'refs/heads/main';

/** Throws DISK_FULL, FILE_FAILED, SOURCE_UNREADABLE. */
export function redoAppended(gitDirectory: string, signAgain: SignAgain | undefined): Promise<void> {
  return redo(gitDirectory, { ref: MAIN, signAgain });
}

export interface OwnHeadParts {
  readonly gitDirectory: string;
  readonly loose: LooseObjects;
  /** So many loose objects have come in. */
  readonly onWritten: (count: number) => void;
}

/** Moves the branch of an own repository, alone or with what it goes on to. */
export interface OwnHead
  extends Pick<Repository, 'append' | 'appendUnsigned' | 'moveHead' | 'writeAll'>,
    AsyncDisposable {
  /** What was appended and is not in place yet. */
  readonly placing: Pick<Placing, 'head' | 'find' | 'finish'>;
  /** The head will move in another way: what has to last before that is flushed beside whatever else is done. */
  flushAhead(): void;
}

/**
 * What is appended stands in the redo file for good before it counts, and comes into place while nobody waits for it.
 * There it is flushed whenever there is much of it, which nobody waits for either, before the head moves in another
 * way, and at the end. So a small commit waits for the disk once, for one block, and where it can while it is being
 * signed. Before it is opened `redoAppended` does again what a crash has undone.
 */
export function openOwnHead({ gitDirectory, loose, onWritten }: OwnHeadParts): OwnHead {
  const redoFile = openRedoFile(redoPath(gitDirectory));
  const placing = createPlacing({
    lockHead: (from) => lockRef(gitDirectory, { ref: MAIN, from }),
    placeObjects: async (objects) => onWritten(await loose.placeAll(objects)),
  });

  const { settle, flushAhead, isMuch } = createSettling({ placing, redoFile, loose, gitDirectory });

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
    from: CommitId,
    writeDown: (locked: () => Promise<void>) => Promise<RedoEntry | undefined>,
    entry: () => Promise<RedoEntry>,
  ): Promise<void> {
    if (await placing.append(from, writeDown)) {
      if (isMuch()) flushAhead();
      return;
    }
    await settle();
    if (await placing.append(from, writeDown)) return;
    const { objects, ...move } = await entry();
    await writeAll(objects);
    await moveHead(move);
  }

  return {
    placing,
    flushAhead,
    append(objects, move) {
      const entry = { ...move, objects };
      return append(
        move.from,
        (locked) => redoFile.append(entry, locked),
        async () => entry,
      );
    },
    appendUnsigned: (unsigned) =>
      append(
        unsigned.from,
        (locked) => redoFile.appendUnsigned(unsigned, locked),
        async () => signedEntry(unsigned, await unsigned.signed),
      ),
    moveHead,
    writeAll,
    async [Symbol.asyncDispose]() {
      // What the disk does not take now is done again when the repository is opened.
      await settle().catch(() => {});
      await redoFile.close();
    },
  };
}

interface SettlingParts extends Pick<OwnHeadParts, 'gitDirectory' | 'loose'> {
  readonly placing: Placing;
  readonly redoFile: RedoFile;
}

interface Settling {
  /** Has everything last where it belongs that was appended so far. Throws DISK_FULL, FILE_FAILED. */
  settle(): Promise<void>;
  /** The same, for nobody who waits. What the disk does not take now is told when somebody has to wait for it. */
  flushAhead(): void;
  /** Whether so much has come since the last time that it should be done. */
  isMuch(): boolean;
}

function createSettling({ placing, redoFile, loose, gitDirectory }: SettlingParts): Settling {
  const flushes = createMutex();
  /** Of the redo file, what has been flushed where it belongs, or is being. */
  let flushedTo = 0;

  async function flushPlaced(): Promise<void> {
    await placing.finish();
    flushedTo = redoFile.used();
    await loose.flush();
    if (flushedTo > 0) await flushRef(gitDirectory, MAIN);
    // If more has come meanwhile, all of it stays to be done again.
    if (redoFile.emptyAt(flushedTo)) flushedTo = 0;
  }

  const settle = () => flushes.run(flushPlaced);
  return {
    settle,
    flushAhead: () => void settle().catch(() => {}),
    isMuch: () => redoFile.used() - flushedTo >= REDO_FLUSH_BYTES,
  };
}
