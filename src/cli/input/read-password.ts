import { readFile } from 'node:fs/promises';
import { fileFailure, isSyncError, SyncError } from '../../errors.ts';
import type { Surroundings } from '../context.ts';

export interface PasswordWanted {
  /** A file whose first line is the password. */
  readonly file: string | undefined;
  /** What the person at the terminal is asked. */
  readonly question: string;
  /** How to do without a terminal. */
  readonly option: string;
  /** For a password that is made now: one slip, and nothing opens any more. */
  readonly isNew?: boolean;
}

/** From the file, else from the terminal. Throws USAGE without either, or when the two tries at a new one differ; FILE_FAILED. */
export async function readPassword(
  { askPassword }: Pick<Surroundings, 'askPassword'>,
  wanted: PasswordWanted,
): Promise<string> {
  const { file, question, option, isNew = false } = wanted;
  if (file !== undefined) return firstLine(file);
  if (!askPassword)
    throw new SyncError('USAGE', { detail: `There is no terminal to ask for a password; give ${option}.` });
  const password = await askPassword(question);
  if (isNew && (await askPassword('The same again')) !== password)
    throw new SyncError('USAGE', { detail: 'The two passwords differ. Nothing was written.' });
  return password;
}

/**
 * Does what may need the password of the account's keys: without one first, since most keys are not sealed, and once more
 * with the one that the file, or the person, gives.
 */
export async function withAccountPassword<Result>(
  surroundings: Pick<Surroundings, 'askPassword'>,
  file: string | undefined,
  work: (password: string | undefined) => Promise<Result>,
): Promise<Result> {
  const option = '--account-password-file FILE';
  const wanted = { file, question: "The password of the account's keys", option };
  if (file !== undefined) return work(await readPassword(surroundings, wanted));
  try {
    return await work(undefined);
  } catch (error) {
    if (!isSyncError(error, 'WRONG_PASSWORD')) throw error;
    return work(await readPassword(surroundings, wanted));
  }
}

async function firstLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  return text.split(/\r?\n/, 1)[0] ?? '';
}
