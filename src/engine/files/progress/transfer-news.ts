import type { Direction } from '../../../fetcher/fetcher-options.ts';
import type { CommitId, ConversationId } from '../../../ids.ts';
import type { EngineParts } from '../../engine-parts.ts';
import { type TransferViewParts, transferViewer } from '../views/transfer-views.ts';
import { createThrottle } from './throttle.ts';

/** Tells subscribers how transfers get on, each at most ten times a second. That one begins or ends is told at once, from the journal; that all bytes are here, by `arrived`. */
export interface TransferNews {
  moved(file: MovingFile, direction: Direction): void;
  /** All bytes of a file are here, and it is being verified. */
  arrived(file: MovingFile): void;
}

interface MovingFile {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
}

type TransferNewsParts = TransferViewParts & Pick<EngineParts, 'live' | 'feed' | 'clock' | 'signal'>;

export function createTransferNews(parts: TransferNewsParts): TransferNews {
  const { live, feed, clock, signal } = parts;
  const throttle = createThrottle({ clock, signal, tell });

  function tell({ file, direction }: { readonly file: MovingFile; readonly direction: Direction }): void {
    const conversation = live.get(file.conversation);
    if (!conversation) return;
    const { interaction } = file;
    for (const transfer of transferViewer(conversation, parts)(interaction, direction)) {
      // One that has ended meanwhile was told of already.
      const isMoving = transfer.phase === 'running' || transfer.phase === 'verifying';
      if (isMoving) feed.publish({ conversation: file.conversation, change: { kind: 'transfer', transfer } });
    }
  }

  return {
    moved: (file, direction) => throttle.moved(`${file.interaction} ${direction}`, { file, direction }),
    arrived(file) {
      const direction = 'receiving';
      throttle.moved(`${file.interaction} ${direction}`, { file, direction }, { isUrgent: true });
    },
  };
}
