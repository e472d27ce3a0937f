import { SyncError } from '../../errors.ts';
import type { CommitId } from '../../ids.ts';
import type { PeerIdentity } from '../../ports.ts';
import type { OwnBytesCheck } from '../disk/own-bytes.ts';
import type { FetcherOptions } from '../fetcher-options.ts';
import type { AnnouncedFile, Placement } from '../ports.ts';
import type { ArrivedFile, FileEnd } from './asker-machine.ts';

export interface PlacingContext {
  readonly options: FetcherOptions;
  readonly ownBytes: OwnBytesCheck;
  readonly interrupted: AbortSignal;
}

export type Ends = readonly (readonly [CommitId, FileEnd])[];

/**
 * Gives files that came from a device their names, if their digests are right and the log still lets that device send them.
 * What fails on this machine is told to `onFailed`.
 */
export async function placeArrived(
  context: PlacingContext,
  files: readonly ArrivedFile[],
  peer: PeerIdentity,
): Promise<Ends> {
  const { options } = context;
  const isWanted = ({ file }: ArrivedFile) => isStillWanted(file, peer, options);
  const refused = files.filter((file) => !isWanted(file));
  const wanted = files.filter(isWanted);
  try {
    await pace(wanted, peer, context);
    const placements = await options.batchDisk.place(
      wanted.map(({ file, bytes }) => ({ path: pathOf(file, options), digest: file.digest, bytes })),
    );
    const placed = wanted.map(({ file }, place) => endOf(file, placements[place], context));
    return [...refused.map(({ file }) => [file.interaction, REFUSED] as const), ...placed];
  } catch (error) {
    if (!context.interrupted.aborted) options.onFailed(error);
    return files.map(({ file }) => [file.interaction, INTERRUPTED]);
  }
}

const REFUSED: FileEnd = { kind: 'failed', failure: 'refused' };
const INTERRUPTED: FileEnd = { kind: 'failed', failure: 'interrupted' };

/** The log may have changed since the file was asked for. */
function isStillWanted(
  { conversation, interaction }: AnnouncedFile,
  peer: PeerIdentity,
  { log }: FetcherOptions,
): boolean {
  const file = log.announcedFile(conversation, interaction);
  if (file === 'unknown' || file === 'not-a-file' || file.isDeleted) return false;
  return log.isActiveMember(conversation, peer.account, peer.device);
}

async function pace(
  files: readonly ArrivedFile[],
  { device: name }: PeerIdentity,
  { options, interrupted: signal }: PlacingContext,
): Promise<void> {
  for (const { file, bytes } of files)
    await options.paceOf('receiving', file.conversation).take(bytes.length, { name, signal });
}

function pathOf({ conversation, fileId }: AnnouncedFile, { storeOf }: FetcherOptions): string {
  return storeOf(conversation).pathOf(fileId);
}

function endOf(
  file: AnnouncedFile,
  placement: Placement | undefined,
  { options, ownBytes }: PlacingContext,
): readonly [CommitId, FileEnd] {
  const { interaction } = file;
  switch (placement?.outcome) {
    case 'placed':
      ownBytes.remember(file, placement.stamp);
      return [interaction, { kind: 'complete', stamp: placement.stamp }];
    case 'wrong-digest':
      return [interaction, { kind: 'failed', failure: 'wrong-digest' }];
    case 'failed':
      if (placement.isDiskFull) return [interaction, { kind: 'failed', failure: 'disk-full' }];
      options.onFailed(new SyncError('FILE_FAILED', { path: pathOf(file, options), detail: placement.detail }));
      return [interaction, { kind: 'failed', failure: 'disk-failed' }];
    default:
      return [interaction, INTERRUPTED];
  }
}
