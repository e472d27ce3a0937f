import type { DeviceId } from '../../ids.ts';
import { QUICK_FILE_BYTES } from '../../limits.ts';
import type { Direction, FetcherOptions } from '../fetcher-options.ts';
import type { AnnouncedFile } from '../ports.ts';
import { type PaceShare, shareOf } from './pace.ts';

/** A file that is to overtake big ones. */
export function isQuick({ totalSize }: Pick<AnnouncedFile, 'totalSize'>): boolean {
  return totalSize <= QUICK_FILE_BYTES;
}

/** A device's share of the bandwidth for a file: its quick files get as much as its big ones together. */
export function fileShare(
  { paceOf }: Pick<FetcherOptions, 'paceOf'>,
  file: AnnouncedFile,
  { device, direction }: { readonly device: DeviceId; readonly direction: Direction },
): PaceShare {
  return shareOf(paceOf(direction, file.conversation), isQuick(file) ? `${device} quick` : device);
}
