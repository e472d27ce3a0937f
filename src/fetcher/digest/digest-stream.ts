import { createBell } from '../../bell.ts';
import { SyncError } from '../../errors.ts';
import type { Digest } from '../../ids.ts';
import { HASH_BATCH_BYTES, HASH_QUEUE_BYTES } from '../../limits.ts';
import { never } from '../../never.ts';
import type { DigestStream } from '../ports.ts';
import { createBatches } from './batches.ts';
import type { DigestReport } from './digest-message.ts';
import type { DigestReader, DigestThread } from './digest-thread-adapter.ts';

const BATCHES_UNDER_WAY = HASH_QUEUE_BYTES / HASH_BATCH_BYTES;

/** The file a digest begins with: its first `length` bytes, all of it without a length. */
export interface LeadingFile {
  readonly path: string;
  readonly length?: number;
}

/**
 * One hash in the thread. Bytes are gathered into batches of `HASH_BATCH_BYTES`, each of which is transferred, not
 * copied; the thread hands the buffer back when it is done with it. At most `HASH_QUEUE_BYTES` are under way.
 */
export function openDigestStream(thread: DigestThread, file?: LeadingFile): DigestStream {
  const progress = createProgress();
  const stream = thread.join(progress.reader);
  if (file) thread.post({ kind: 'take-file', stream, ...file });
  const batches = createBatches(HASH_BATCH_BYTES, (bytes) => {
    progress.handedOn();
    thread.post({ kind: 'take', stream, bytes }, bytes.buffer);
  });
  let isOver = false;

  function leave(): void {
    isOver = true;
    thread.leave(stream);
  }

  return {
    update(bytes) {
      for (const buffer of progress.returned()) batches.reuse(buffer);
      batches.add(bytes);
      return progress.room();
    },
    async digest() {
      batches.finish();
      thread.post({ kind: 'finish', stream });
      return await progress.digest().finally(leave);
    },
    async [Symbol.asyncDispose]() {
      if (isOver) return;
      thread.post({ kind: 'drop', stream });
      leave();
      progress.reader.onFailed(new SyncError('CANCELLED', { what: 'Hashing' }));
    },
  };
}

/** What the thread has reported about one stream, and waiting for it. */
function createProgress() {
  const bell = createBell();
  const buffers: ArrayBuffer[] = [];
  let underWay = 0;
  let failure: SyncError | undefined;
  let result: Digest | undefined;

  const reader: DigestReader = {
    onReport(report: DigestReport) {
      switch (report.kind) {
        case 'taken':
          underWay -= 1;
          buffers.push(report.bytes.buffer);
          break;
        case 'digest':
          result = report.digest;
          break;
        case 'failed':
          failure = new SyncError('FILE_FAILED', { path: report.path, detail: report.detail });
          break;
        default:
          never(report);
      }
      bell.ring();
    },
    onFailed(error) {
      failure ??= error;
      bell.ring();
    },
  };

  function until(condition: () => boolean): Promise<void> {
    return bell.until(() => {
      if (failure) throw failure;
      return condition();
    });
  }

  return {
    reader,
    handedOn() {
      underWay += 1;
    },
    returned: () => buffers.splice(0),
    room: () => until(() => underWay < BATCHES_UNDER_WAY),
    async digest(): Promise<Digest> {
      await until(() => result !== undefined);
      return result as Digest;
    },
  };
}
