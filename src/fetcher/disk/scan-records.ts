import type { JournalRecord } from '../../events/journal-record.ts';
import type { CommitId, ConversationId } from '../../ids.ts';
import type { Presence } from '../../projections/journal/file-record.ts';
import type { JournalState } from '../../projections/journal/journal-state.ts';
import type { KnownFile, ScannableFile, ScannedFile } from './scan.ts';

/** What the journal can tell a scan, so that it need not hash again. */
export function knownFrom(journal: JournalState): (interaction: CommitId) => KnownFile | undefined {
  return (interaction) => {
    const presence = journal.files.get(interaction)?.presence;
    if (presence?.kind === 'verified') return { stamp: presence.stamp, isComplete: true };
    // A partial file's stamp is that of the temporary file, which says nothing of what gets its name later.
    const isKnownWrong = presence?.kind === 'lacking' && presence.state === 'corrupt';
    return isKnownWrong ? { stamp: presence.stamp, isComplete: false } : undefined;
  };
}

const NO_STAMP = { size: 0, mtimeMs: 0, inode: 0 };

/** The record a scan's finding is worth; undefined when the journal says so already, or the file is deleted. */
export function scanRecord(
  journal: JournalState,
  { file, state, stamp = NO_STAMP }: ScannedFile<ScannableFile>,
  { conversation, now: at }: { readonly conversation: ConversationId; readonly now: number },
): JournalRecord | undefined {
  if (state === 'deleted') return undefined;
  const { interaction, fileId } = file;
  const found: Presence =
    state === 'complete' ? { kind: 'verified', stamp, at } : { kind: 'lacking', state, stamp, at };
  if (isKnown(journal.files.get(interaction)?.presence, found)) return undefined;
  const name = { conversation, interaction, fileId };
  return found.kind === 'verified'
    ? { kind: 'file-verified', ...name, ...stamp, at }
    : { kind: 'file-found-lacking', ...name, state: found.state, ...stamp, at };
}

function isKnown(known: Presence = { kind: 'never-seen' }, found: Presence): boolean {
  if (known.kind === 'never-seen' || found.kind === 'never-seen') return isNothing(found);
  const isSameState =
    known.kind === 'lacking' ? found.kind === 'lacking' && known.state === found.state : found.kind === 'verified';
  const { size, mtimeMs, inode } = known.stamp;
  return isSameState && size === found.stamp.size && mtimeMs === found.stamp.mtimeMs && inode === found.stamp.inode;
}

/** Never seen and missing are the same, so that a fresh conversation does not fill the journal. */
function isNothing(found: Presence): boolean {
  return found.kind === 'lacking' && found.state === 'missing';
}
