/** Inputs that once broke a reader, kept as `fixtures/fuzz/<target>/<digest>.bin` and read again in every test run. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FuzzFailure } from './run-cases.ts';

const FOLDER = resolve(import.meta.dirname, '../../fixtures/fuzz');

/** Returns where it is kept. */
export function keepFailure({ target, input }: FuzzFailure): string {
  const folder = join(FOLDER, target);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${createHash('sha1').update(input).digest('hex')}.bin`);
  writeFileSync(path, input);
  return path;
}

export function keptInputs(target: string): readonly { readonly name: string; readonly input: Uint8Array }[] {
  const folder = join(FOLDER, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({ name, input: readFileSync(join(folder, name)) }));
}
