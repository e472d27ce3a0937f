/** Devices with real files and real fetchers, linked in memory. */
import { SyncError } from '../../../src/errors.ts';
import type { JournalRecord } from '../../../src/events/journal-record.ts';
import { createChunkListStore } from '../../../src/fetcher/chunks/chunk-list-store-adapter.ts';
import { createChunkLists } from '../../../src/fetcher/chunks/chunk-lists.ts';
import { createFetcher, type Fetcher } from '../../../src/fetcher/fetcher.ts';
import type {
  FetcherOptions,
  FileProgress,
  SubTransferProgress,
  ToldProgress,
} from '../../../src/fetcher/fetcher-options.ts';
import { createPace } from '../../../src/fetcher/pace/pace.ts';
import type { AnnouncedFile, Digester, FileStore, LogView } from '../../../src/fetcher/ports.ts';
import type { Ranges } from '../../../src/fetcher/ranges.ts';
import type { CommitId, DeviceId } from '../../../src/ids.ts';
import type { Clock, PeerIdentity } from '../../../src/ports.ts';
import { temporaryDirectory } from '../folders/temporary-directory.ts';
import { channelPair, somePeer } from '../net/channel-pair.ts';
import { inlineBatchDisk } from './inline-batch-disk.ts';
import { inlineChunkChecker } from './inline-digester.ts';
import { temporaryStore } from './transfer.ts';

export interface FetcherDevice {
  readonly self: PeerIdentity;
  readonly fetcher: Fetcher;
  readonly store: FileStore;
  readonly folder: string;
  readonly journal: readonly JournalRecord[];
  readonly progress: readonly SubTransferProgress[];
  readonly fileProgress: readonly FileProgress[];
  readonly told: readonly ToldProgress[];
  readonly failures: readonly unknown[];
}

/** A device as the others see it: what it does with messages and channels. */
export interface LinkedDevice {
  readonly self: PeerIdentity;
  readonly fetcher: Pick<Fetcher, 'onMessage' | 'serveChannel'>;
}

export interface FetcherNetwork {
  join(digit: string, options?: Partial<FetcherOptions>): Promise<FetcherDevice>;
  /** Links a device that the test plays. */
  admit(device: LinkedDevice): void;
  /** Throws DEVICE_NOT_FOUND. */
  reach(device: DeviceId): LinkedDevice;
  /** Everything that was sent on `msg:` channels. */
  readonly messages: ReadonlyArray<{ readonly from: DeviceId; readonly to: DeviceId; readonly content: object }>;
  /** Who may have files; all that joined, by default. */
  readonly members: Set<DeviceId>;
  readonly files: AnnouncedFile[];
  readonly clock: Clock;
}

export function createFetcherNetwork({ digester, clock }: { digester: Digester; clock: Clock }): FetcherNetwork {
  const devices = new Map<DeviceId, LinkedDevice>();
  const messages: { from: DeviceId; to: DeviceId; content: object }[] = [];
  const members = new Set<DeviceId>();
  const files: AnnouncedFile[] = [];

  const log: LogView = {
    hasConversation: (conversation) => files.some((file) => file.conversation === conversation),
    isActiveMember: (_, account, device) => members.has(device) && devices.get(device)?.self.account === account,
    announcedFile: (_, interaction) => files.find((file) => file.interaction === interaction) ?? 'unknown',
  };

  function reach(device: DeviceId): LinkedDevice {
    const found = devices.get(device);
    if (!found) throw new SyncError('DEVICE_NOT_FOUND', { device });
    return found;
  }

  async function join(digit: string, options: Partial<FetcherOptions> = {}): Promise<FetcherDevice> {
    const self = somePeer(digit);
    const { store, folder } = await temporaryStore();
    const checker = options.checker ?? inlineChunkChecker();
    const journal: JournalRecord[] = [];
    const progress: SubTransferProgress[] = [];
    const fileProgress: FileProgress[] = [];
    const told: ToldProgress[] = [];
    const failures: unknown[] = [];
    const fetcher = createFetcher({
      ...{ self, log, digester, checker, clock, signal: new AbortController().signal },
      batchDisk: inlineBatchDisk,
      storeOf: () => store,
      record: async (...records) => void journal.push(...records),
      knownFile: () => undefined,
      paceOf: () => createPace(clock),
      wishOf: () => undefined,
      openChannel: async (device, name) => {
        const other = reach(device);
        const pair = channelPair(name, { leftPeer: self, rightPeer: other.self });
        void other.fetcher.serveChannel(pair.right);
        return pair.left;
      },
      sendMessage: async (device, type, content) => {
        messages.push({ from: self.device, to: device, content });
        reach(device).fetcher.onMessage(self, type, JSON.parse(JSON.stringify(content)));
      },
      onProgress: (step) => void progress.push(step),
      chunkLists: createChunkLists({
        store: createChunkListStore(await temporaryDirectory()),
        checker,
        pathOf: ({ fileId }) => store.pathOf(fileId),
      }),
      checkedBytes: ({ interaction }) => checkedIn(journal, interaction),
      onFileProgress: (step) => void fileProgress.push(step),
      onTold: (step) => void told.push(step),
      onFailed: (error) => void failures.push(error),
      ...options,
    });
    const device = { self, fetcher, store, folder, journal, progress, fileProgress, told, failures };
    admit(device);
    return device;
  }

  function admit(device: LinkedDevice): void {
    devices.set(device.self.device, device);
    members.add(device.self.device);
  }

  return { join, admit, reach, messages, members, files, clock };
}

function checkedIn(journal: readonly JournalRecord[], interaction: CommitId): Ranges {
  const about = journal.findLast((record) => record.kind === 'chunks-checked' && record.interaction === interaction);
  return about?.kind === 'chunks-checked' ? about.ranges : [];
}
