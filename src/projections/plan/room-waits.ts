import type { CommitId, ConversationId } from '../../ids.ts';
import { taken, takenIn } from '../policy/room.ts';
import type { Room } from '../policy/subject.ts';
import type { Shortage } from './wanting.ts';

interface Waiting {
  readonly files: Set<CommitId>;
  /** What there was when the last of them was turned away. */
  room: Room;
}

/** Files that were turned away for want of room. */
export interface RoomWaits {
  add(file: { readonly conversation: ConversationId; readonly interaction: CommitId }, wants: Wants): void;
  /** Takes out, and yields, those for which there may be room now. */
  release(room: Room): Generator<CommitId>;
}

export interface Wants {
  readonly shortage: Exclude<Shortage, undefined>;
  readonly room: Room;
}

export function createRoomWaits(): RoomWaits {
  const underQuota = new Map<ConversationId, Waiting>();
  const onDisk = new Map<ConversationId, Waiting>();

  return {
    add({ conversation, interaction }, { shortage, room }) {
      const waits = shortage === 'over-quota' ? underQuota : onDisk;
      const waiting = waits.get(conversation) ?? { files: new Set(), room };
      waiting.files.add(interaction);
      waiting.room = room;
      waits.set(conversation, waiting);
    },
    *release(room) {
      for (const [conversation, waiting] of underQuota) {
        if (usesLess(room, waiting.room, conversation)) yield* emptied(underQuota, conversation);
      }
      for (const [conversation, waiting] of onDisk) {
        if (leaves(room) > leaves(waiting.room)) yield* emptied(onDisk, conversation);
      }
    },
  };
}

function usesLess(room: Room, before: Room, conversation: ConversationId): boolean {
  return taken(room) < taken(before) || takenIn(room, conversation) < takenIn(before, conversation);
}

function leaves({ free, claims }: Room): number {
  return (free ?? Number.POSITIVE_INFINITY) - claims.total;
}

function emptied(waits: Map<ConversationId, Waiting>, conversation: ConversationId): Iterable<CommitId> {
  const files = waits.get(conversation)?.files ?? [];
  waits.delete(conversation);
  return files;
}
