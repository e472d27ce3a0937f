import { List, OrderedMap } from 'immutable';
import type { ConversationEvent } from '../../events/conversation-event.ts';
import { fileIdOf } from '../../events/file-id.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { Heading } from '../../events/linearized-history.ts';
import type { CommitId } from '../../ids.ts';
import { CommitTable } from '../commit-table.ts';
import type { Projection } from '../projection.ts';
import { changeEntry, changeReaction, type TimelineChange } from './timeline-change.ts';
import type { EntryContent, PlainEvent, TimelineEntry } from './timeline-entry.ts';

export interface TimelineState {
  /** Oldest first. */
  readonly entries: CommitTable<TimelineEntry>;
  /** What each reaction is a reaction to. */
  readonly reactionTargets: CommitTable<CommitId>;
  /** Changes whose target has not been folded yet, by target, in the order they came; none once it has been. */
  readonly waiting: CommitTable<List<TimelineChange>>;
}

/**
 * What people read: messages with their edits, deletions and reactions folded in, and everything else in its place.
 *
 * Invariants:
 * - Of several changes to one entry the last in the linearized order wins, also when it came before its target.
 * - Only the author's own changes count; anybody may react.
 * - Nothing is swallowed: unknown and malformed commits are entries as well. Merges carry no event and are none.
 */
export const timeline: Projection<TimelineState> = {
  name: 'timeline',
  version: 1,
  initial: { entries: CommitTable.empty(), reactionTargets: CommitTable.empty(), waiting: CommitTable.empty() },
  evolve(state, interaction) {
    const { content } = interaction;
    switch (content.outcome) {
      case 'merge':
        return state;
      case 'unknown':
        return addEntry(state, interaction, { kind: 'unknown', type: content.type, raw: content.raw });
      case 'malformed':
        return addEntry(state, interaction, { kind: 'malformed', type: content.type, reason: content.reason });
      case 'known':
        return evolveKnown(state, interaction, content.event);
    }
  },
};

/** Whether interactions of a kind are entries, not changes to some. */
export function isEntryKind(kind: Heading['kind']): boolean {
  return !NO_ENTRIES.has(kind);
}

const NO_ENTRIES: ReadonlySet<Heading['kind']> = new Set([
  'merge',
  'reaction-added',
  'message-edited',
  'message-deleted',
  'file-deleted',
  'document-removed',
]);

function evolveKnown(state: TimelineState, interaction: Interaction, event: ConversationEvent): TimelineState {
  const { id, author, committedAt } = interaction;
  const by = { id, author, committedAt };
  switch (event.kind) {
    case 'reaction-added':
      return applyChange(state, { kind: 'react', target: event.reactTo, body: event.body, ...by });
    case 'message-edited':
      return applyChange(state, { kind: 'edit', target: event.edit, body: event.body, ...by });
    case 'message-deleted':
    case 'file-deleted':
    case 'document-removed':
      return applyChange(state, { kind: 'delete', target: event.edit, ...by });
    default:
      return addEntry(state, interaction, contentOf(interaction, event));
  }
}

type EntryEvent =
  | PlainEvent
  | Extract<ConversationEvent, { kind: 'message-sent' | 'file-announced' | 'document-announced' }>;

function contentOf({ id, committedAt }: Interaction, event: EntryEvent): EntryContent {
  switch (event.kind) {
    case 'message-sent': {
      const current = { id, body: event.body, committedAt };
      return { kind: 'message', current, editions: List(), replyTo: event.replyTo };
    }
    case 'file-announced': {
      const { displayName, totalSize, sha3sum: digest, replyTo } = event;
      return { kind: 'file', displayName, totalSize, digest, fileId: fileIdOf(id, event), replyTo };
    }
    case 'document-announced':
      return { kind: 'document', uri: event.uri, displayName: event.displayName, mimeType: event.mimeType };
    default:
      return { kind: 'event', event };
  }
}

const NO_REACTIONS: TimelineEntry['reactions'] = OrderedMap();
const NO_CHANGES = List<TimelineChange>();

function addEntry(state: TimelineState, interaction: Interaction, content: EntryContent): TimelineState {
  const { id, author, device, committedAt, linearizedParent } = interaction;
  const place = state.entries.size;
  const entry = {
    id,
    place,
    author,
    device,
    committedAt,
    linearizedParent,
    content,
    isDeleted: false,
    reactions: NO_REACTIONS,
  };
  return settle({ ...state, entries: state.entries.with(id, entry) }, id);
}

/** Applies a change to the entry or the reaction it names, or keeps it until that is folded. */
function applyChange(state: TimelineState, change: TimelineChange): TimelineState {
  const entry = state.entries.get(change.target);
  if (entry) return applyToEntry(state, entry, change);
  const reactedTo = state.reactionTargets.get(change.target);
  const reactedEntry = reactedTo && state.entries.get(reactedTo);
  if (reactedEntry) return withEntry(state, changeReaction(reactedEntry, change));
  const earlier = state.waiting.get(change.target) ?? NO_CHANGES;
  return { ...state, waiting: state.waiting.with(change.target, earlier.push(change)) };
}

function applyToEntry(state: TimelineState, entry: TimelineEntry, change: TimelineChange): TimelineState {
  const changed = withEntry(state, changeEntry(entry, change));
  if (change.kind !== 'react') return changed;
  const reactionTargets = changed.reactionTargets.with(change.id, change.target);
  return settle({ ...changed, reactionTargets }, change.id);
}

/** Applies what waited for an entry or reaction that is there now. */
function settle(state: TimelineState, target: CommitId): TimelineState {
  const changes = state.waiting.get(target);
  if (!changes || changes.isEmpty()) return state;
  return changes.reduce(applyChange, { ...state, waiting: state.waiting.with(target, NO_CHANGES) });
}

function withEntry(state: TimelineState, entry: TimelineEntry): TimelineState {
  if (state.entries.get(entry.id) === entry) return state;
  return { ...state, entries: state.entries.with(entry.id, entry) };
}
