import { createBell } from '../../bell.ts';
import { SyncError } from '../../errors.ts';
import type { Digest } from '../../ids.ts';
import type { HashThread } from '../hashing/hash-thread-adapter.ts';
import type { FollowingDigest, FollowOptions } from '../ports.ts';
import type { Sha3Command, Sha3Report } from './sha3-message.ts';

export interface FollowFileOptions extends FollowOptions {
  /** The thread is to go before others. */
  readonly goesFirst: boolean;
}

/** One file that the thread hashes behind its writer. */
export function followFile(
  thread: HashThread<Sha3Command, Sha3Report>,
  path: string,
  { onHashed, goesFirst }: FollowFileOptions,
): FollowingDigest {
  const bell = createBell();
  let result: Digest | undefined;
  let failure: SyncError | undefined;

  function fail(error: SyncError): void {
    failure ??= error;
    bell.ring();
  }

  const job = thread.join({
    onReport(report) {
      if (report.kind === 'hashed') return onHashed?.(report.to);
      result = report.digest;
      bell.ring();
    },
    onFailed: fail,
  });
  thread.post({ kind: 'follow', job, path, goesFirst });
  return {
    advance: (to) => thread.post({ kind: 'advance', job, to }),
    async digest() {
      thread.post({ kind: 'finish', job });
      await bell.until(() => {
        if (failure) throw failure;
        return result !== undefined;
      });
      return result as Digest;
    },
    async [Symbol.asyncDispose]() {
      if (result === undefined) thread.post({ kind: 'drop', job });
      thread.leave(job);
      if (result === undefined) fail(new SyncError('CANCELLED', { what: 'Hashing' }));
    },
  };
}
