import type { FileRequest } from '../../events/peer/file-request.ts';
import type { CommitId, DeviceId } from '../../ids.ts';
import { BATCH_FILES_OUTSTANDING } from '../../limits.ts';
import type { Clock } from '../../ports.ts';
import type { Notebook } from '../notebook.ts';
import type { AnnouncedFile } from '../ports.ts';
import type { BatchStatement } from './batch-message.ts';
import { servedRecord, servingRecord } from './small-file-records.ts';

/** What one receiver has asked for and not confirmed. Every file that was sent ends in the journal, once. */
export interface Outstanding {
  /** The requests that wait, the oldest first. Whoever takes one up takes it out. */
  readonly requests: Map<CommitId, FileRequest>;
  /** False when the receiver owes, or waits for, more than it may. */
  ask(statement: BatchStatement & { say: 'ask' }): boolean;
  sent(files: readonly AnnouncedFile[]): void;
  done(statement: BatchStatement & { say: 'done' }): void;
  /** What was sent and will not be confirmed any more. */
  interrupt(): void;
}

export interface OutstandingOptions {
  readonly receiver: DeviceId;
  readonly notebook: Pick<Notebook, 'note'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function createOutstanding({ receiver, notebook, clock }: OutstandingOptions): Outstanding {
  const requests = new Map<CommitId, FileRequest>();
  const unconfirmed = new Map<CommitId, AnnouncedFile>();
  const about = () => ({ device: receiver, at: clock.now() });

  return {
    requests,
    ask({ conversation, interactions }) {
      for (const interaction of interactions)
        requests.set(interaction, { conversation, interaction, deviceId: receiver });
      return requests.size + unconfirmed.size <= BATCH_FILES_OUTSTANDING;
    },
    sent(files) {
      for (const file of files) unconfirmed.set(file.interaction, file);
      notebook.note(...files.map((file) => servingRecord(file, about())));
    },
    done({ files }) {
      const records = files.flatMap(([interaction, conclusion]) => {
        const file = unconfirmed.get(interaction);
        unconfirmed.delete(interaction);
        // What was not sent yet is not wanted any more.
        requests.delete(interaction);
        return file ? [servedRecord(file, conclusion, about())] : [];
      });
      notebook.note(...records);
    },
    interrupt() {
      notebook.note(...[...unconfirmed.values()].map((file) => servedRecord(file, 'interrupted', about())));
      unconfirmed.clear();
    },
  };
}
