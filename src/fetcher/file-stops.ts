import { SyncError } from '../errors.ts';
import { type FileKey, fileKey } from './file-key.ts';
import type { AnnouncedFile } from './ports.ts';
import type { StopSignals } from './transfer/stop-signals.ts';

/**
 * The user's cancel or pause of a file, as signals to everything that is under way for it. What begins after the word
 * is not touched by it: whether it may begin is for the journal to say.
 */
export interface FileStops {
  signalsOf(file: AnnouncedFile): Omit<StopSignals, 'interrupted'>;
  cancel(file: AnnouncedFile): void;
  pause(file: AnnouncedFile): void;
}

interface Controllers {
  readonly cancelled: AbortController;
  readonly paused: AbortController;
}

export function createFileStops(): FileStops {
  const controllers = new Map<FileKey, Controllers>();

  function stop(file: AnnouncedFile, by: keyof Controllers): void {
    const controller = controllers.get(fileKey(file))?.[by];
    controllers.delete(fileKey(file));
    const verb = by === 'cancelled' ? 'transfer' : 'paused transfer';
    controller?.abort(new SyncError('CANCELLED', { what: `The ${verb} of ${file.displayName}` }));
  }

  return {
    signalsOf(file) {
      const known = controllers.get(fileKey(file));
      const { cancelled, paused } = known ?? { cancelled: new AbortController(), paused: new AbortController() };
      controllers.set(fileKey(file), { cancelled, paused });
      return { cancelled: cancelled.signal, paused: paused.signal };
    },
    cancel: (file) => stop(file, 'cancelled'),
    pause: (file) => stop(file, 'paused'),
  };
}
