import { expect } from 'vitest';
import { type FailureCode, isSyncError, type SyncError } from '../../src/errors.ts';

/** The coded error that the action ends in; anything else fails the test. */
export async function thrownBy<Code extends FailureCode>(
  code: Code,
  action: () => unknown | Promise<unknown>,
): Promise<SyncError<Code>> {
  const outcome = await Promise.resolve()
    .then(action)
    .then(
      (value) => ({ ended: 'normally', value }),
      (error: unknown) => ({ ended: 'by throwing', error }),
    );
  if ('error' in outcome && isSyncError(outcome.error, code)) return outcome.error;
  expect(outcome).toEqual({ ended: 'by throwing', error: code });
  throw new TypeError('not reached');
}
