import { startDeadline } from '../../deadline.ts';
import { isSyncError } from '../../errors.ts';
import type { DeviceId } from '../../ids.ts';
import { CHANNEL_OPEN_MS } from '../../limits.ts';
import type { Channel } from '../../ports.ts';
import { batchChannelName } from './batch-channel.ts';
import { type BatchLine, openBatchLine, type SettledFile } from './batch-line.ts';
import { type PlacingContext, placeArrived } from './place-arrived.ts';

/** The line to a device, or why there is none. */
export type Reach = BatchLine | 'no-such-channel' | 'not-reachable';

export interface Reaching {
  /** The line that is there, or a new one; those who ask at the same time share it. */
  reach(): Promise<Reach>;
  /** Resolves when no line is open any more; call after `interrupted` has fired. */
  idle(): Promise<void>;
}

export interface ReachOptions {
  readonly device: DeviceId;
  onSettled(files: readonly SettledFile[]): void;
}

export function createReaching(context: PlacingContext, { device, onSettled }: ReachOptions): Reaching {
  const { options, interrupted } = context;
  const { clock } = options;
  let reaching: Promise<Reach> | undefined;

  async function openChannel(): Promise<Channel> {
    const time = { what: 'Opening a channel of small files', ms: CHANNEL_OPEN_MS, clock, signal: interrupted };
    using deadline = startDeadline(time);
    return await options.openChannel(device, batchChannelName(device), { signal: deadline.signal });
  }

  async function open(): Promise<Reach> {
    let channel: Channel;
    try {
      channel = await openChannel();
    } catch (error) {
      return isSyncError(error, 'CHANNEL_DECLINED') ? 'no-such-channel' : 'not-reachable';
    }
    const place: Parameters<typeof openBatchLine>[0]['place'] = (files) => placeArrived(context, files, channel.peer);
    return openBatchLine({ channel, clock, signal: interrupted, place, onSettled });
  }

  return {
    async reach() {
      const known = reaching;
      const reached = await known;
      if (typeof reached === 'object' && reached.isOpen()) return reached;
      if (reaching === known) reaching = open();
      return (await reaching) ?? 'not-reachable';
    },
    async idle() {
      const line = await reaching;
      if (typeof line === 'object') await line.ended;
    },
  };
}
