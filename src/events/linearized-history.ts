import type { AccountUri, CommitId, DeviceId } from '../ids.ts';
import type { ConversationEvent } from './conversation-event.ts';
import type { Decoded } from './decode.ts';
import type { Interaction } from './interaction.ts';

/** What is known of an interaction without reading what it says. */
export interface Heading {
  readonly kind: ConversationEvent['kind'] | 'merge' | 'unknown' | 'malformed';
  /** Absent when the tree holds no certificate for the device. */
  readonly author?: AccountUri;
  readonly device: DeviceId;
}

/**
 * A conversation in the canonical order, oldest first, merges included. What is said is read when it is asked for.
 * It does not change: when the conversation grows there is another one.
 */
export interface LinearizedHistory {
  readonly length: number;
  /** Positions count from 0; none but those before `length` may be asked for. */
  at(position: number): Interaction;
  idAt(position: number): CommitId;
  /** The very same object for all interactions of one kind by one device of one author. */
  heading(position: number): Heading;
  positionOf(id: CommitId): number | undefined;
  /** Where there are edits and deletions of an interaction, and reactions to it: positions, lowest first. */
  changesOf(position: number): readonly number[];
}

export function kindOf(content: Decoded): Heading['kind'] {
  return content.outcome === 'known' ? content.event.kind : content.outcome;
}

/** The interaction that this one edits, deletes or reacts to. */
export function targetOf(content: Decoded): CommitId | undefined {
  if (content.outcome !== 'known') return undefined;
  const { event } = content;
  if (event.kind === 'reaction-added') return event.reactTo;
  return 'edit' in event ? event.edit : undefined;
}
