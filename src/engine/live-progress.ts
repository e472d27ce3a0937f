import type { SubTransferProgress } from '../fetcher/fetcher-options.ts';
import type { CommitId, DeviceId } from '../ids.ts';
import type { TransferView } from '../projections/transfers.ts';

/** What moved since the journal last said so: the figures people watch, forgotten when a sub-transfer ends. */
export interface LiveProgress {
  note(progress: SubTransferProgress, now: number): void;
  forget(share: Share): void;
  /** The view with what arrived since; never behind the journal. */
  refresh(view: TransferView): TransferView;
}

interface Share {
  readonly interaction: CommitId;
  readonly peer: DeviceId;
  readonly direction: 'receiving' | 'serving';
}

interface Figure {
  readonly bytes: number;
  readonly bytesPerSecond: number | undefined;
}

export function createLiveProgress(): LiveProgress {
  const figures = new Map<string, { readonly first: { bytes: number; at: number }; latest: Figure }>();

  function figureOf(share: Share): Figure | undefined {
    return figures.get(keyOf(share))?.latest;
  }

  return {
    note({ file, peer, direction, bytes }, at) {
      const key = keyOf({ interaction: file.interaction, peer, direction });
      const { first } = figures.get(key) ?? { first: { bytes, at } };
      const bytesPerSecond = at > first.at ? ((bytes - first.bytes) * 1000) / (at - first.at) : undefined;
      figures.set(key, { first, latest: { bytes, bytesPerSecond } });
    },
    forget: (share) => void figures.delete(keyOf(share)),
    refresh(view) {
      const subTransfers = view.subTransfers.map((sub) => {
        const live = sub.phase === 'running' ? figureOf({ ...view, peer: sub.peer }) : undefined;
        if (!live) return sub;
        const { bytesPerSecond = sub.bytesPerSecond } = live;
        return {
          ...sub,
          bytes: Math.max(sub.bytes, live.bytes),
          ...(bytesPerSecond !== undefined && { bytesPerSecond }),
        };
      });
      if (view.phase !== 'running') return { ...view, subTransfers };
      const bytes = Math.max(view.bytes, ...subTransfers.map((sub) => sub.bytes));
      const rates = subTransfers.filter(({ phase }) => phase === 'running').map((sub) => sub.bytesPerSecond ?? 0);
      const bytesPerSecond = rates.reduce((sum, rate) => sum + rate, 0);
      if (bytesPerSecond <= 0) return { ...view, bytes, subTransfers };
      const etaMs = Math.ceil(((view.totalSize - bytes) / bytesPerSecond) * 1000);
      return { ...view, bytes, bytesPerSecond, etaMs, subTransfers };
    },
  };
}

function keyOf({ interaction, peer, direction }: Share): string {
  return `${interaction} ${peer} ${direction}`;
}
