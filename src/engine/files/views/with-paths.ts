import type { JournalRecord } from '../../../events/journal-record.ts';
import type { DeviceId } from '../../../ids.ts';
import type { LinkView } from '../../../net/net.ts';

/** Adds to requests, and to what begins to come, by which path the device is linked now. */
export function withPaths(
  records: readonly JournalRecord[],
  links: () => readonly Pick<LinkView, 'peer' | 'path' | 'kind'>[],
): readonly JournalRecord[] {
  if (!records.some((record) => askedOf(record) !== undefined)) return records;
  const linked = new Map(links().map((link) => [link.peer.device, { ...link.path, link: link.kind }]));
  return records.map((record) => {
    const device = askedOf(record);
    const path = device && linked.get(device);
    return path ? { ...record, path } : record;
  });
}

function askedOf(record: JournalRecord): DeviceId | undefined {
  if (record.kind === 'file-requested') return record.from;
  return record.kind === 'sub-transfer-started' && record.direction === 'receiving' ? record.peer : undefined;
}
