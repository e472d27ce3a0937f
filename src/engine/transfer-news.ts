import type { Direction } from '../fetcher/fetcher-options.ts';
import type { CommitId, ConversationId } from '../ids.ts';
import { transferChange } from './changes-of.ts';
import type { EngineParts } from './engine-parts.ts';
import { createThrottle } from './throttle.ts';

/** Tells subscribers how transfers get on, each at most ten times a second. That one begins or ends is told at once, from the journal. */
export interface TransferNews {
  moved(file: MovingFile, direction: Direction): void;
}

interface MovingFile {
  readonly conversation: ConversationId;
  readonly interaction: CommitId;
}

type TransferNewsParts = Pick<EngineParts, 'live' | 'keeper' | 'progress' | 'feed' | 'clock' | 'signal'>;

export function createTransferNews(parts: TransferNewsParts): TransferNews {
  const { live, keeper, progress, feed, clock, signal } = parts;
  const throttle = createThrottle({ clock, signal, tell });

  function tell({ file, direction }: { readonly file: MovingFile; readonly direction: Direction }): void {
    const conversation = live.get(file.conversation);
    if (!conversation) return;
    for (const change of transferChange(conversation, file.interaction, { direction, keeper, progress })) {
      // One that has ended meanwhile was told of already.
      if (change.transfer.phase === 'running') feed.publish({ conversation: file.conversation, change });
    }
  }

  return {
    moved: (file, direction) => throttle.moved(`${file.interaction} ${direction}`, { file, direction }),
  };
}
