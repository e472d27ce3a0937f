/** How edits, deletions and reactions change a timeline entry (docs/format.md, "Edits, deletions, reactions"). */
import type { AccountUri, CommitId } from '../../ids.ts';
import { never } from '../../never.ts';
import type { Edition, EntryContent, TimelineEntry } from './timeline-entry.ts';

/** A commit that shows in another commit's entry. */
export type TimelineChange = {
  /** The commit that makes the change. */
  readonly id: CommitId;
  readonly author: AccountUri | undefined;
  readonly committedAt: number;
  /** The original commit, never an earlier edit. */
  readonly target: CommitId;
} & (
  | { readonly kind: 'react'; readonly body: string }
  | { readonly kind: 'edit'; readonly body: string }
  | { readonly kind: 'delete' }
);

/** The entry after the change; the very same object when the change does not count. */
export function changeEntry(entry: TimelineEntry, change: TimelineChange): TimelineEntry {
  switch (change.kind) {
    case 'react':
      return react(entry, change);
    case 'edit':
      return isByAuthor(entry, change) ? edit(entry, change) : entry;
    case 'delete':
      return isByAuthor(entry, change) ? remove(entry, change) : entry;
    default:
      return never(change);
  }
}

/** The entry after a change to one of its reactions. Nobody sees reactions to a reaction. */
export function changeReaction(entry: TimelineEntry, change: TimelineChange): TimelineEntry {
  const reaction = entry.reactions.get(change.target);
  if (!reaction || !isByAuthor(reaction, change)) return entry;
  if (change.kind === 'delete') return { ...entry, reactions: entry.reactions.delete(change.target) };
  if (change.kind === 'react') return entry;
  return { ...entry, reactions: entry.reactions.set(change.target, { ...reaction, body: change.body }) };
}

function isByAuthor(original: { readonly author: AccountUri | undefined }, change: TimelineChange): boolean {
  return original.author !== undefined && original.author === change.author;
}

function react(
  entry: TimelineEntry,
  { id, author, body, committedAt }: TimelineChange & { kind: 'react' },
): TimelineEntry {
  if (entry.isDeleted || body === '') return entry;
  return { ...entry, reactions: entry.reactions.set(id, { id, author, body, committedAt }) };
}

/** Editing a deleted message brings it back: the last change wins. */
function edit(entry: TimelineEntry, { id, body, committedAt }: TimelineChange & { kind: 'edit' }): TimelineEntry {
  const { content } = entry;
  if (content.kind !== 'message') return entry;
  return { ...entry, isDeleted: false, content: supersede(content, { id, body, committedAt }) };
}

function remove(entry: TimelineEntry, { id, committedAt }: TimelineChange): TimelineEntry {
  const { content } = entry;
  const reactions = entry.reactions.clear();
  switch (content.kind) {
    case 'message':
      if (entry.isDeleted) return entry;
      return { ...entry, isDeleted: true, reactions, content: supersede(content, { id, body: '', committedAt }) };
    case 'file':
      return { ...entry, isDeleted: true, reactions, content: { ...content, fileId: undefined } };
    case 'document':
      return { ...entry, isDeleted: true, reactions };
    default:
      return entry;
  }
}

type MessageContent = EntryContent & { kind: 'message' };

function supersede(content: MessageContent, current: Edition): MessageContent {
  return { ...content, current, editions: content.editions.unshift(content.current) };
}
