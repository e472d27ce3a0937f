import { SyncError } from './errors.ts';

/**
 * Ends a switch over a union: the compiler refuses to build while a case is missing,
 * and a value that slipped past the types fails by name instead of falling through.
 */
export function never(value: never): never {
  throw new SyncError('UNREACHABLE', { value: JSON.stringify(value) ?? String(value) });
}
