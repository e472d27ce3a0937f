import { SyncError } from '../../errors.ts';
import { DISK_LOOK_MS, PACK_LOOK_BYTES } from '../../limits.ts';
import type { Channel, Clock } from '../../ports.ts';
import { type DiskRoom, type DiskShortage, shortageOf } from './disk-room.ts';

/** Room on the disk for what others say: a pack takes up no more of the reserve than a file does. */
export interface CommitRoom {
  /** Undefined while there is room, and where the system does not tell. */
  shortage(): DiskShortage | undefined;
  /** Resolves when there is room. Throws the signal's reason. */
  available(signal: AbortSignal): Promise<void>;
  /** Throws DISK_RESERVED while there is none. */
  require(): Promise<void>;
  /** The same channel; its messages break off with DISK_RESERVED when what comes over it uses the room up. */
  guard(channel: Channel): Channel;
}

export interface CommitRoomOptions {
  /** Where the repositories and the journal lie. */
  readonly disk: Pick<DiskRoom, 'free' | 'look'>;
  /** Bytes that stay free. */
  readonly reserve: number;
  readonly clock: Clock;
}

export function createCommitRoom({ disk, reserve, clock }: CommitRoomOptions): CommitRoom {
  const shortage = () => shortageOf(disk.free(), reserve);

  async function require(): Promise<void> {
    await disk.look();
    const short = shortage();
    if (short) throw new SyncError('DISK_RESERVED', short);
  }

  async function* guarded(messages: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    let unseen = 0;
    for await (const message of messages) {
      unseen += message.byteLength;
      if (unseen >= PACK_LOOK_BYTES) {
        await require();
        unseen = 0;
      }
      yield message;
    }
  }

  return {
    shortage,
    require,
    async available(signal) {
      await disk.look();
      while (shortage()) {
        await clock.wait(DISK_LOOK_MS, signal);
        await disk.look();
      }
    },
    guard: (channel) => ({
      name: channel.name,
      peer: channel.peer,
      closed: channel.closed,
      send: (bytes) => channel.send(bytes),
      messages: (options) => guarded(channel.messages(options)),
      end: (options) => channel.end(options),
      close: (reason) => channel.close(reason),
      [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
    }),
  };
}
