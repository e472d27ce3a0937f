import type { Direction } from '../../../fetcher/fetcher-options.ts';
import type { CommitId, ConversationId } from '../../../ids.ts';
import type { EngineParts } from '../../engine-parts.ts';
import { type TransferViewParts, transferViewer } from '../views/transfer-views.ts';
import { createThrottle } from './throttle.ts';

/**
 * Tells subscribers how transfers get on: each as it is at that moment, at most ten times a second, and how it is in the
 * end. That a fact of the journal changed it, or that all bytes are here, is told at once, unless ten times were.
 */
export interface TransferNews {
  /** Bytes moved. */
  moved(file: MovingFile, direction: Direction): void;
  /** All bytes of a file are here, and it is being verified. */
  arrived(file: MovingFile): void;
  /** A record of the journal tells of it. */
  changed(file: MovingFile, direction: Direction): void;
}

interface MovingFile {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
}

interface MovingTransfer {
  readonly file: MovingFile;
  readonly direction: Direction;
}

type TransferNewsParts = TransferViewParts & Pick<EngineParts, 'live' | 'feed' | 'clock' | 'signal'>;

export function createTransferNews(parts: TransferNewsParts): TransferNews {
  const { live, feed, clock, signal } = parts;
  const throttle = createThrottle<MovingTransfer>({ clock, signal, tell });

  function tell({ file, direction }: MovingTransfer, { isUrgent }: { readonly isUrgent: boolean }): void {
    const conversation = live.get(file.conversation);
    if (!conversation || !feed.isRead()) return;
    const { interaction } = file;
    for (const transfer of transferViewer(conversation, parts)(interaction, direction)) {
      // Bytes that are heard of late belong to one that has ended, which was told of.
      const isMoving = transfer.phase === 'running' || transfer.phase === 'verifying';
      if (isUrgent || isMoving)
        feed.publish({ conversation: file.conversation, change: { kind: 'transfer', transfer } });
    }
  }

  const note = (file: MovingFile, direction: Direction, isUrgent: boolean) => {
    const { conversation, interaction } = file;
    const moving = { file: { conversation, interaction }, direction };
    throttle.moved(`${interaction} ${direction}`, moving, { isUrgent });
  };
  return {
    moved: (file, direction) => note(file, direction, false),
    arrived: (file) => note(file, 'receiving', true),
    changed: (file, direction) => note(file, direction, true),
  };
}
