import type { CommitId, DeviceId } from '../../ids.ts';

/** Which devices are being dialled, on behalf of which files. */
export interface Dials {
  /** The devices that are dialled for the file now; until when, at the latest. Yields those that nobody dials any more. */
  set(interaction: CommitId, dialled: ReadonlyMap<DeviceId, number>): Iterable<DeviceId>;
  until(device: DeviceId): number | undefined;
  /** The files that dial it. */
  filesOf(device: DeviceId): Iterable<CommitId>;
}

export function createDials(): Dials {
  const byDevice = new Map<DeviceId, Map<CommitId, number>>();
  const byFile = new Map<CommitId, ReadonlyMap<DeviceId, number>>();

  function leave(interaction: CommitId, device: DeviceId): boolean {
    const files = byDevice.get(device);
    files?.delete(interaction);
    if (files?.size !== 0) return false;
    byDevice.delete(device);
    return true;
  }

  return {
    set(interaction, dialled) {
      const before = [...(byFile.get(interaction)?.keys() ?? [])];
      const free = before.filter((device) => !dialled.has(device)).filter((device) => leave(interaction, device));
      for (const [device, until] of dialled) {
        const files = byDevice.get(device) ?? new Map<CommitId, number>();
        byDevice.set(device, files.set(interaction, until));
      }
      if (dialled.size > 0) byFile.set(interaction, dialled);
      else byFile.delete(interaction);
      return free;
    },
    until(device) {
      const files = byDevice.get(device);
      return files && Math.max(...files.values());
    },
    filesOf: (device) => [...(byDevice.get(device)?.keys() ?? [])],
  };
}
