import type { CommitRoom } from '../../../src/engine/home/commit-room.ts';

/** A disk that always has room for commits. */
export const ENDLESS_ROOM: CommitRoom = {
  shortage: () => undefined,
  available: async () => {},
  require: async () => {},
  guard: (channel) => channel,
};
