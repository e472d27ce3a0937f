import { SyncError } from '../../errors.ts';
import type { Interaction } from '../../events/interaction.ts';
import type { WireBody } from '../../events/kinds/wire-body.ts';
import { type LinearizedHistory, targetOf } from '../../events/linearized-history.ts';
import type { AccountUri, CommitId, DeviceId, Digest, FileId } from '../../ids.ts';
import { never } from '../../never.ts';
import { createEntryFolds, type EntryFolds } from './entry-folds.ts';
import { isEntryKind, type TimelineState } from './timeline.ts';
import type { Edition, EntryContent, PlainEvent, Reaction, TimelineEntry } from './timeline-entry.ts';

/** An entry's content as JSON can carry it. */
export type ContentView =
  | {
      readonly kind: 'message';
      /** Empty once the message is deleted. */
      readonly body: string;
      /** What the body was before, newest first. */
      readonly editions: readonly Edition[];
      readonly replyTo?: CommitId;
    }
  | {
      readonly kind: 'file';
      readonly displayName: string;
      readonly totalSize: number;
      readonly sha3sum: Digest;
      readonly fileId?: FileId;
      readonly replyTo?: CommitId;
    }
  | { readonly kind: 'document'; readonly uri: string; readonly displayName?: string; readonly mimeType?: string }
  | { readonly kind: 'event'; readonly event: PlainEvent }
  | { readonly kind: 'unknown'; readonly type: string; readonly raw: WireBody }
  | { readonly kind: 'malformed'; readonly type: string; readonly reason: string };

/** A timeline entry as JSON can carry it. `timestamp` in seconds since the Unix epoch. */
export type EntryView = {
  readonly id: CommitId;
  readonly author?: AccountUri;
  readonly device: DeviceId;
  readonly timestamp: number;
  readonly linearizedParent?: CommitId;
  readonly isDeleted: boolean;
  readonly reactions: readonly Reaction[];
} & ContentView;

export interface TimelinePage {
  /** Newest first. */
  readonly entries: readonly EntryView[];
  /** Give it as `before` to get the next, older page; absent at the oldest entry. */
  readonly next?: CommitId;
}

/**
 * One page, newest first, of the entries older than `before`.
 * Cursors are entries, so they stay good while the conversation grows. Throws USAGE for a cursor that is no entry.
 */
export function timelinePage(
  state: TimelineState,
  { before, limit }: { readonly before?: CommitId; readonly limit: number },
): TimelinePage {
  const end = before === undefined ? state.entries.size : placeOf(state, before);
  const start = Math.max(0, end - Math.max(1, limit));
  const entries = [...entriesBetween(state, start, end)].reverse();
  const oldest = entries.at(-1);
  return { entries, ...(start > 0 && oldest && { next: oldest.id }) };
}

/**
 * The same page of a history that was not folded: each of its entries is folded from its own commit and those that change
 * it, as no others can. Throws USAGE for a cursor that is no entry.
 */
export function historyPage(
  history: LinearizedHistory,
  { before, limit }: { readonly before?: CommitId; readonly limit: number },
  folds: EntryFolds = createEntryFolds(),
): TimelinePage {
  const wanted = Math.max(1, limit);
  const found: number[] = [];
  for (let at = endOf(history, before) - 1; at >= 0 && found.length <= wanted; at -= 1)
    if (isEntryKind(history.heading(at).kind)) found.push(at);
  const entries = found.slice(0, wanted).flatMap((position) => entryAt(history, position, folds) ?? []);
  const oldest = entries.at(-1);
  return { entries, ...(found.length > wanted && oldest && { next: oldest.id }) };
}

/** The entries in which interactions show, each once, as they are now: their own, or those that they edit, delete or react to. */
export function entriesShowing(
  history: LinearizedHistory,
  interactions: readonly Interaction[],
  folds: EntryFolds,
): readonly EntryView[] {
  const positions = new Set(interactions.flatMap((interaction) => positionShowing(history, interaction) ?? []));
  return [...positions].flatMap((position) => entryAt(history, position, folds) ?? []);
}

function positionShowing(history: LinearizedHistory, { id, content }: Interaction): number | undefined {
  const position = history.positionOf(targetOf(content) ?? id);
  if (position === undefined || history.heading(position).kind !== 'reaction-added') return position;
  const reactedTo = targetOf(history.at(position).content);
  return reactedTo && history.positionOf(reactedTo);
}

function endOf(history: LinearizedHistory, before: CommitId | undefined): number {
  if (before === undefined) return history.length;
  const position = history.positionOf(before);
  if (position !== undefined && isEntryKind(history.heading(position).kind)) return position;
  throw noEntry(before);
}

function entryAt(history: LinearizedHistory, position: number, folds: EntryFolds): EntryView | undefined {
  const changes = history.changesOf(position);
  const toReactions = changes.flatMap((change) =>
    history.heading(change).kind === 'reaction-added' ? history.changesOf(change) : [],
  );
  const positions = [...new Set([position, ...changes, ...toReactions])].sort((a, b) => a - b);
  const entry = folds.of(history, position, positions).entries.get(history.idAt(position));
  return entry && entryView(entry);
}

/** The whole timeline, oldest first. */
export function timelineView(state: TimelineState): Generator<EntryView> {
  return entriesBetween(state, 0, state.entries.size);
}

function entryView({ content, reactions, ...entry }: TimelineEntry): EntryView {
  return {
    id: entry.id,
    ...(entry.author && { author: entry.author }),
    device: entry.device,
    timestamp: entry.committedAt,
    ...(entry.linearizedParent && { linearizedParent: entry.linearizedParent }),
    isDeleted: entry.isDeleted,
    reactions: [...reactions.values()],
    ...contentView(content),
  };
}

function placeOf(state: TimelineState, id: CommitId): number {
  const place = state.entries.placeOf(id);
  if (place === undefined) throw noEntry(id);
  return place;
}

function noEntry(id: CommitId): SyncError {
  return new SyncError('USAGE', { detail: `${id} is no entry of this timeline.` });
}

function* entriesBetween({ entries }: TimelineState, start: number, end: number): Generator<EntryView> {
  for (let place = start; place < end; place += 1) {
    const entry = entries.at(place);
    if (entry) yield entryView(entry);
  }
}

function contentView(content: EntryContent): ContentView {
  switch (content.kind) {
    case 'message': {
      const { kind, current, editions, replyTo } = content;
      return { kind, body: current.body, editions: [...editions], ...(replyTo && { replyTo }) };
    }
    case 'file': {
      const { kind, displayName, totalSize, digest: sha3sum, fileId, replyTo } = content;
      return { kind, displayName, totalSize, sha3sum, ...(fileId && { fileId }), ...(replyTo && { replyTo }) };
    }
    case 'document': {
      const { kind, uri, displayName, mimeType } = content;
      return { kind, uri, ...(displayName && { displayName }), ...(mimeType && { mimeType }) };
    }
    case 'event':
    case 'unknown':
    case 'malformed':
      return content;
    default:
      return never(content);
  }
}
