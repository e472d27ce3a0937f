/** From facts to what subscribers are told. */
import type { Interaction } from '../events/interaction.ts';
import type { JournalRecord } from '../events/journal-record.ts';
import type { AccountUri, CommitId } from '../ids.ts';
import { membersView } from '../projections/members.ts';
import { entryView } from '../projections/timeline-page.ts';
import { transferView } from '../projections/transfers.ts';
import type { ConversationChange } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import type { LiveConversation } from './live-conversation.ts';

/** What new commits change in the timeline and among the members; each entry and member once, as it is now. */
export function changesOfGrowth(
  conversation: LiveConversation,
  fresh: readonly Interaction[],
): readonly ConversationChange[] {
  const { timeline, members } = conversation.states();
  const shown = fresh.map(shownBy).map((id) => timeline.reactionTargets.get(id) ?? id);
  const entries = [...new Set(shown)].flatMap((id) => timeline.entries.get(id) ?? []);
  const touched = new Set(fresh.flatMap(memberTouchedBy));
  return [
    ...entries.map((entry) => ({ kind: 'message', entry: entryView(entry) }) as const),
    ...membersView(members)
      .filter(({ uri }) => touched.has(uri))
      .map((member) => ({ kind: 'member', member }) as const),
  ];
}

/** The entry, or the reaction, in which a commit shows: its own, or the one it edits, deletes or reacts to. */
function shownBy({ id, content }: Interaction): CommitId {
  if (content.outcome !== 'known') return id;
  if (content.event.kind === 'reaction-added') return content.event.reactTo;
  return 'edit' in content.event ? content.event.edit : id;
}

function memberTouchedBy({ content, author }: Interaction): readonly AccountUri[] {
  if (content.outcome !== 'known') return [];
  switch (content.event.kind) {
    case 'conversation-created':
      return author ? [author] : [];
    case 'member-added':
    case 'member-joined':
    case 'member-left':
      return [content.event.uri];
    case 'member-banned':
    case 'member-unbanned':
      // A device's ban shows at the device's owner, whom only the projection knows: the id finds nobody, which is right.
      return [content.event.uri as AccountUri];
    default:
      return [];
  }
}

/** What one journal record tells subscribers of its conversation. */
export function changesOfRecord(
  record: JournalRecord,
  conversation: LiveConversation,
  { keys, keeper, progress }: Pick<EngineParts, 'keys' | 'keeper' | 'progress'>,
): readonly ConversationChange[] {
  switch (record.kind) {
    case 'file-found-lacking': {
      const { interaction, fileId, state } = record;
      return [{ kind: 'missing', interaction, fileId, state }];
    }
    case 'file-requested': {
      const { conversation: id, interaction, fileId, from: to } = record;
      return [{ kind: 'request', request: { conversation: id, interaction, deviceId: keys.device }, fileId, to }];
    }
    case 'sub-transfer-offered':
    case 'sub-transfer-started':
    case 'sub-transfer-ended':
    case 'file-verified':
    case 'file-accepted':
    case 'file-refused':
    case 'file-paused':
    case 'file-cancelled':
    case 'file-removed': {
      const directions = 'direction' in record ? [record.direction] : (['receiving', 'serving'] as const);
      return directions.flatMap((direction) =>
        transferChange(conversation, record.interaction, { direction, keeper, progress }),
      );
    }
    case 'commit-admitted':
    case 'batch-refused':
    case 'invitation-received':
    case 'request-declined':
    case 'chunks-checked':
    // Told of more often, and no more often than people can see, by the transfer news.
    case 'sub-transfer-progressed':
    case 'holdings-told':
    case 'conversation-told':
    case 'device-revoked':
      return [];
  }
}

interface TransferSource extends Pick<EngineParts, 'keeper' | 'progress'> {
  readonly direction: 'receiving' | 'serving';
}

/** The transfer as it stands now; nothing when nothing of the file moves in that direction. */
export function transferChange(
  conversation: LiveConversation,
  interaction: CommitId,
  { direction, keeper, progress }: TransferSource,
): readonly Extract<ConversationChange, { kind: 'transfer' }>[] {
  const record = keeper.state().files.get(interaction);
  const view = record && transferView(conversation.states().files, record, direction);
  return view ? [{ kind: 'transfer', transfer: progress.refresh(view) }] : [];
}
