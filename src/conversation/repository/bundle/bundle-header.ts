import { SyncError } from '../../../errors.ts';
import { CommitId } from '../../../ids.ts';
import type { Ref } from '../repository.ts';

/** What stands before the pack in a bundle (gitformat-bundle, versions 2 and 3). */
export interface BundleHeader {
  readonly refs: readonly Ref[];
  /** Commits that the reader is expected to have already. */
  readonly prerequisites: readonly CommitId[];
  /** Where the pack begins. */
  readonly packAt: number;
}

const SIGNATURE = /^# v([0-9]+) git bundle$/;

/**
 * `undefined`: the header is longer than the bytes given.
 * Throws MALFORMED with a detail that completes the sentence "it cannot be read: …".
 */
export function parseBundleHeader(bytes: Uint8Array): BundleHeader | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  requireSignature(text);
  const end = text.indexOf('\n\n');
  if (end < 0) return undefined;
  const [, ...lines] = text.toString('utf8', 0, end).split('\n');
  const refs: Ref[] = [];
  const prerequisites: CommitId[] = [];
  for (const line of lines) {
    if (line.startsWith('@')) requireKnownCapability(line);
    else if (line.startsWith('-')) prerequisites.push(parseId(line.slice(1, 41)));
    else refs.push({ id: parseId(line.slice(0, 40)), name: line.slice(41) });
  }
  return { refs, prerequisites, packAt: end + 2 };
}

function requireSignature(text: Buffer): void {
  const lineEnd = text.indexOf('\n');
  const version = SIGNATURE.exec(text.toString('latin1', 0, Math.min(lineEnd < 0 ? 40 : lineEnd, 40)))?.[1];
  if (version === undefined) throw malformed('it is no git bundle');
  if (version !== '2' && version !== '3')
    throw malformed(`it is a git bundle of version ${version}, known are 2 and 3`);
}

function requireKnownCapability(line: string): void {
  if (line !== '@object-format=sha1') throw malformed(`it needs "${line.slice(1, 80)}", which is not supported`);
}

function parseId(digits: string): CommitId {
  const id = CommitId.safeParse(digits).data;
  if (id === undefined) throw malformed('its header holds a line without an object id');
  return id;
}

function malformed(detail: string): SyncError {
  return new SyncError('MALFORMED', { what: 'bundle', detail });
}
