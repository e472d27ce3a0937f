import { SyncError } from '../errors.ts';
import { type FileKey, fileKey } from './file-key.ts';
import type { AnnouncedFile } from './ports.ts';

/** The user's cancel of a file, as a signal to everything that is under way for it. What begins after a cancel is not touched by it. */
export interface Cancellations {
  signalOf(file: AnnouncedFile): AbortSignal;
  cancel(file: AnnouncedFile): void;
}

export function createCancellations(): Cancellations {
  const controllers = new Map<FileKey, AbortController>();
  return {
    signalOf(file) {
      const controller = controllers.get(fileKey(file)) ?? new AbortController();
      controllers.set(fileKey(file), controller);
      return controller.signal;
    },
    cancel(file) {
      const controller = controllers.get(fileKey(file));
      controllers.delete(fileKey(file));
      controller?.abort(new SyncError('CANCELLED', { what: `The transfer of ${file.displayName}` }));
    },
  };
}
