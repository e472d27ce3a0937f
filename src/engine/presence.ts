import { messageOf } from '../errors.ts';
import { type ScannedFile, scanFiles } from '../fetcher/scan-adapter.ts';
import { knownFrom, scanRecord } from '../fetcher/scan-records.ts';
import type { CommitId } from '../ids.ts';
import { SETTLE_MS } from '../limits.ts';
import { announcedFiles, type FileAnnouncement } from '../projections/files.ts';
import type { EngineParts } from './engine-parts.ts';
import type { LiveConversation } from './live-conversation.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import { watchFolder } from './watch-adapter.ts';

/** Knows what lies on this device's disk: scans, watches, and journals what it finds. */
export interface Presence {
  /** Looks at the given files, all announced ones without them, and journals what is news. */
  scan(conversation: LiveConversation, interactions?: readonly CommitId[]): Promise<void>;
  /** From now on, looks again at a file whenever the folder says it changed. */
  watch(conversation: LiveConversation): void;
  /** Resolves when no scan is under way. */
  idle(): Promise<void>;
}

export type PresenceParts = Pick<EngineParts, 'home' | 'clock' | 'log' | 'digester' | 'keeper' | 'signal'>;

export function createPresence(parts: PresenceParts): Presence {
  const { home, clock, log, keeper, signal } = parts;
  const rescans = createOneAtATime<string>((_, error) => {
    if (!signal.aborted) log.warn('a folder of files cannot be scanned', { reason: messageOf(error) });
  });

  async function scan(conversation: LiveConversation, interactions?: readonly CommitId[]): Promise<void> {
    const files = wanted(conversation, interactions);
    const dataDir = home.dataDirectory(conversation.id);
    const known = knownFrom(keeper.state());
    for await (const found of scanFiles({ dataDir, files, digester: parts.digester, signal, known })) {
      if (!isMoving(found)) note(conversation, found);
    }
  }

  /** What is just being received is the fetcher's: its partial file is no loss. */
  function isMoving({ file }: ScannedFile<FileAnnouncement>): boolean {
    const record = keeper.state().files.get(file.interaction);
    return (
      record?.subTransfers.some(({ phase, direction }) => phase === 'running' && direction === 'receiving') ?? false
    );
  }

  function note(conversation: LiveConversation, found: ScannedFile<FileAnnouncement>): void {
    const record = scanRecord(keeper.state(), found, { conversation: conversation.id, now: clock.now() });
    if (record) keeper.record(record);
  }

  return {
    scan,
    watch(conversation) {
      const touched = new Set<CommitId>();
      const onChange = (name: string | undefined) => {
        for (const file of announcedFiles(conversation.states().files)) {
          if (name === undefined || name === file.fileId) touched.add(file.interaction);
        }
        if (touched.size === 0) return;
        rescans.run(conversation.id, async () => {
          // A file that is still being written changes many times; one look when it has settled is enough.
          await clock.wait(SETTLE_MS, signal);
          const now = [...touched];
          touched.clear();
          await scan(conversation, now);
        });
      };
      watchFolder(home.dataDirectory(conversation.id), onChange, signal);
    },
    idle: () => rescans.idle(),
  };
}

function wanted(conversation: LiveConversation, interactions?: readonly CommitId[]): readonly FileAnnouncement[] {
  const { files } = conversation.states();
  if (!interactions) return [...announcedFiles(files)];
  return interactions.flatMap((interaction) => files.announced.get(interaction) ?? []);
}
