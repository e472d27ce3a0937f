import type { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import type { LinkKind } from '../../ports.ts';
import type { JournalState } from '../journal/journal-state.ts';
import { restsUntil } from '../journal/rests.ts';
import type { Policy } from '../policy/policy.ts';
import type { Room } from '../policy/subject.ts';
import type { Source } from './sources.ts';

/** All that decides whom to ask for a file, but for the file itself. */
export interface PlanWorld {
  readonly journal: JournalState;
  readonly policy: Policy;
  /** What there is beside all that was asked for. */
  readonly room: Room;
  /** Of the links there are. */
  readonly linkKinds: ReadonlySet<LinkKind>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The devices that could be asked for files of the conversation. */
  sourcesOf(conversation: ConversationId): readonly Source[];
  /** The devices that are being asked for the file, whether or not the journal knows yet. */
  askingOf(interaction: CommitId): ReadonlySet<DeviceId>;
  isLinked(device: DeviceId): boolean;
  /** Until when, at the latest, a device without a link is being dialled on behalf of some file. */
  dialledUntil(device: DeviceId): number | undefined;
}

/**
 * From when on the device may be asked for whatever file. A device without a link is dialled for one file at a time: what
 * comes of that holds for all the others.
 */
export function opensAt({ device, linkedSince }: Source, { journal, dialledUntil }: PlanWorld): number {
  if (linkedSince === undefined && dialledUntil(device) !== undefined) return Number.POSITIVE_INFINITY;
  return restsUntil(journal.rests, device, linkedSince);
}
