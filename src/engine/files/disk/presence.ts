import { messageOf } from '../../../errors.ts';
import { type ScannedFile, scanFiles } from '../../../fetcher/disk/scan.ts';
import { knownFrom, scanRecord } from '../../../fetcher/disk/scan-records.ts';
import type { CommitId } from '../../../ids.ts';
import { SETTLE_MS } from '../../../limits.ts';
import { announcedFiles, type FileAnnouncement } from '../../../projections/files.ts';
import type { Presence as FilePresence } from '../../../projections/journal/file-record.ts';
import type { JournalState } from '../../../projections/journal/journal-state.ts';
import type { LiveConversation } from '../../conversations/live-conversation.ts';
import type { EngineParts } from '../../engine-parts.ts';
import { createOneAtATime } from '../../one-at-a-time.ts';
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

export type PresenceParts = Pick<
  EngineParts,
  'home' | 'clock' | 'log' | 'digester' | 'batchDisk' | 'keeper' | 'signal'
>;

type Found = ScannedFile<FileAnnouncement>;

export function createPresence(parts: PresenceParts): Presence {
  const { home, clock, log, keeper, digester, batchDisk, signal } = parts;
  const rescans = createOneAtATime<string>((_, error) => {
    if (!signal.aborted) log.warn('a folder of files cannot be scanned', { reason: messageOf(error) });
  });

  async function scan(conversation: LiveConversation, interactions?: readonly CommitId[]): Promise<void> {
    const dataDir = home.dataDirectory(conversation.id);
    const known = (interaction: CommitId) => knownFrom(keeper.state())(interaction);
    let before = keeper.state();
    const files = wanted(conversation, interactions);
    for await (const found of scanFiles({ dataDir, files, digester, disk: batchDisk, signal, known })) {
      // What was written down while we looked is newer than what we saw.
      const isSettled = ({ file }: Found) => presenceOf(before, file) === presenceOf(keeper.state(), file);
      note(
        conversation,
        found.filter((one) => isSettled(one) && !isMoving(one)),
      );
      before = keeper.state();
    }
  }

  /** What is just being received is the fetcher's: its partial file is no loss. */
  function isMoving({ file }: Found): boolean {
    const record = keeper.state().files.get(file.interaction);
    return (
      record?.subTransfers.some(({ phase, direction }) => phase === 'running' && direction === 'receiving') ?? false
    );
  }

  function note({ id: conversation }: LiveConversation, found: readonly Found[]): void {
    const about = { conversation, now: clock.now() };
    keeper.recordAll(found.flatMap((one) => scanRecord(keeper.state(), one, about) ?? []));
  }

  return {
    scan,
    watch(conversation) {
      const touched = new Set<CommitId>();
      let changes = 0;
      /** A file that is still being written changes many times; one look when it has settled is enough. */
      async function lookWhenSettled(): Promise<void> {
        for (let seen = -1; seen !== changes; ) {
          seen = changes;
          await clock.wait(SETTLE_MS, signal);
        }
        const settled = [...touched];
        touched.clear();
        await scan(conversation, settled);
      }
      const onChange = (name: string | undefined) => {
        const changed = changedFiles(conversation, name);
        if (changed.length === 0) return;
        changes += 1;
        for (const { interaction } of changed) touched.add(interaction);
        rescans.run(conversation.id, lookWhenSettled);
      };
      watchFolder(home.dataDirectory(conversation.id), onChange, signal);
    },
    idle: () => rescans.idle(),
  };
}

function presenceOf(state: JournalState, { interaction }: FileAnnouncement): FilePresence | undefined {
  return state.files.get(interaction)?.presence;
}

function wanted(conversation: LiveConversation, interactions?: readonly CommitId[]): readonly FileAnnouncement[] {
  const { files } = conversation.states();
  if (!interactions) return [...announcedFiles(files)];
  return interactions.flatMap((interaction) => files.announced.get(interaction) ?? []);
}

/** The announced file of that name, if it is one's; all of them when the name is not known. Asked for every change in the folder. */
function changedFiles(conversation: LiveConversation, name: string | undefined): readonly FileAnnouncement[] {
  const { files } = conversation.states();
  if (name === undefined) return [...announcedFiles(files)];
  // What is no file's name finds nothing: so many changes come that a check of their form would cost more than the look-up.
  const file = files.announced.get(name.slice(0, name.indexOf('_')) as CommitId);
  return file?.fileId === name ? [file] : [];
}
