/** From facts to what subscribers are told. */
import type { Interaction } from '../../events/interaction.ts';
import type { JournalRecord, RecordOf } from '../../events/journal-record.ts';
import { unpackHoldings } from '../../events/peer/holdings.ts';
import type { Direction } from '../../fetcher/fetcher-options.ts';
import type { AccountUri, CommitId, DeviceId } from '../../ids.ts';
import { refusalOf } from '../../projections/journal/quarantine.ts';
import { entriesShowing } from '../../projections/timeline/timeline-page.ts';
import type { ConversationChange } from '../engine.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { Planner } from '../files/fetch/planner.ts';
import { banView } from './ban-view.ts';
import type { LiveConversation } from './live-conversation.ts';

/** What new commits change in the timeline and among the members; each entry and member once, as it is now. */
export function changesOfGrowth(
  conversation: LiveConversation,
  fresh: readonly Interaction[],
): readonly ConversationChange[] {
  const entries = entriesShowing(conversation.history(), fresh, conversation.entryFolds);
  const touched = new Set(fresh.flatMap(memberTouchedBy));
  return [
    ...entries.map((entry) => ({ kind: 'message', entry }) as const),
    ...conversation
      .members()
      .filter(({ uri }) => touched.has(uri))
      .map((member) => ({ kind: 'member', member }) as const),
  ];
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

/** What one record tells; of transfers that they are others now, as how they are is told at its time. */
type RecordChange = Exclude<ConversationChange, { kind: 'transfer' }> | ChangedTransfer;

export interface ChangedTransfer {
  readonly kind: 'transfer-changed';
  readonly interaction: CommitId;
  readonly direction: Direction;
}

export interface RecordChangeParts extends Pick<EngineParts, 'keys' | 'keeper'> {
  readonly planner: Pick<Planner, 'named'>;
}

/** What journal records that were written together tell the subscribers of their conversation: each transfer once. */
export function changesOfRecords(
  records: readonly JournalRecord[],
  conversation: LiveConversation,
  { keys, keeper, planner }: RecordChangeParts,
): readonly RecordChange[] {
  const shown = new Set<string>();
  const { announced } = conversation.states().files;
  return records.flatMap((record) =>
    changesOfRecord(record, {
      self: keys.device,
      transfersOf(interaction, only) {
        const directions = DIRECTIONS.filter((direction) => only === undefined || direction === only);
        const fresh = directions.filter((direction) => !shown.has(`${interaction} ${direction}`));
        for (const direction of fresh) shown.add(`${interaction} ${direction}`);
        return fresh.map((direction) => ({ kind: 'transfer-changed', interaction, direction }));
      },
      ownNamed(words) {
        const named = planner.named(conversation, unpackHoldings(words) ?? []);
        return named.filter((interaction) => announced.get(interaction)?.device === keys.device);
      },
      refusedNow({ head, from }) {
        const refused = refusalOf(keeper.state().quarantine, head, from);
        return refused ? [{ kind: 'refused', refused }] : [];
      },
    }),
  );
}

const DIRECTIONS: readonly Direction[] = ['receiving', 'serving'];

interface RecordChanges {
  readonly self: DeviceId;
  transfersOf(interaction: CommitId, only?: Direction): readonly ChangedTransfer[];
  /** Files that were announced here, as holdings name them. */
  ownNamed(words: string): readonly CommitId[];
  refusedNow(record: RecordOf<'batch-refused'>): readonly RecordChange[];
}

function changesOfRecord(
  record: JournalRecord,
  { self, transfersOf, ownNamed, refusedNow }: RecordChanges,
): readonly RecordChange[] {
  switch (record.kind) {
    case 'file-found-lacking': {
      const { interaction, fileId, state } = record;
      return [{ kind: 'missing', interaction, fileId, state }];
    }
    case 'file-requested': {
      const { conversation: id, interaction, fileId, from: to } = record;
      return [{ kind: 'request', request: { conversation: id, interaction, deviceId: self }, fileId, to }];
    }
    case 'sub-transfer-offered':
    case 'offer-answered':
    case 'sub-transfer-started':
    case 'sub-transfer-ended':
    case 'file-verified':
    case 'file-accepted':
    case 'file-refused':
    case 'file-paused':
    case 'file-cancelled':
    case 'file-removed':
      return transfersOf(record.interaction, 'direction' in record ? record.direction : undefined);
    case 'batch-refused':
      return refusedNow(record);
    case 'ban-told':
      return [{ kind: 'banned', ban: banView(record) }];
    case 'holdings-told':
      // A device has got, or has lost, what was announced here.
      return [record.has, record.lacks].flatMap(ownNamed).flatMap((interaction) => transfersOf(interaction, 'serving'));
    case 'commit-admitted':
    case 'invitation-received':
    case 'request-declined':
    case 'file-offered':
    case 'chunks-checked':
    // Told of more often, and no more often than people can see, by the transfer news.
    case 'sub-transfer-progressed':
    case 'conversation-told':
    case 'device-revoked':
    case 'device-seen':
      return [];
  }
}
