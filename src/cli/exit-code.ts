import { type FailureCode, isSyncError } from '../errors.ts';

/** `stopped` is what a shell says of a program that Ctrl-C ended. */
export const EXIT = { fine: 0, no: 1, unusable: 2, stopped: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What was given cannot be used or read; every other failure is an answer: no, not now, not so. */
const UNUSABLE: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'USAGE',
  'AMBIGUOUS',
  'MALFORMED',
  'LIMIT_EXCEEDED',
  'SOURCE_MISSING',
  'SOURCE_UNREADABLE',
  'OBJECT_MISSING',
  'OBJECT_CORRUPT',
  'KEY_UNUSABLE',
  'WRONG_PASSWORD',
  'EXPORT_UNUSABLE',
  'CHAIN_INVALID',
  'HOME_EMPTY',
  'HOME_TAKEN',
  'HOME_IN_USE',
  'HOME_TOO_NEW',
  'ENGINE_NOT_RUNNING',
  'STORE_CORRUPT',
  'FILE_FAILED',
  'LISTEN_FAILED',
  'UNREACHABLE',
]);

/** 0 fine, 1 the answer is no, 2 usage or unreadable. */
export function exitCodeOf(error: unknown): ExitCode {
  return isSyncError(error) && !UNUSABLE.has(error.code) ? EXIT.no : EXIT.unusable;
}
