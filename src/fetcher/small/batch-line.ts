import type { CommitId } from '../../ids.ts';
import { TRANSFER_TICK_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Channel, Clock } from '../../ports.ts';
import type { AnnouncedFile } from '../ports.ts';
import type { StopReason } from '../transfer/stop-signals.ts';
import {
  type ArrivedFile,
  type AskerEffect,
  type AskerInput,
  askerStep,
  type FileEnd,
  startAsking,
} from './asker-machine.ts';
import { decodeBatchMessage, encodeBatchStatement } from './batch-message.ts';
import { createPlacingQueue } from './placing-queue.ts';

export interface BatchLineOptions {
  /** Opened for this; owned, and closed in the end, by this. */
  readonly channel: Channel;
  readonly clock: Clock;
  /** Ends the line: what was asked for and has not come is settled at once. */
  readonly signal: AbortSignal;
  /** Checks and writes files; says how each ended. Must not reject. */
  place(files: readonly ArrivedFile[]): Promise<readonly (readonly [CommitId, FileEnd])[]>;
  /** Every file that was asked for, once. */
  onSettled(files: readonly SettledFile[]): void;
}

export interface SettledFile {
  readonly file: AnnouncedFile;
  readonly end: FileEnd;
}

/** A channel on which small files are asked of one device: the driver of the asker machine. */
export interface BatchLine {
  /** False once nothing can be asked on it any more. */
  isOpen(): boolean;
  ask(files: readonly AnnouncedFile[]): void;
  takeBack(interaction: CommitId, reason: StopReason): void;
  /** Resolves when the channel is closed and everything is settled. */
  readonly ended: Promise<void>;
}

export function openBatchLine(options: BatchLineOptions): BatchLine {
  const { channel, clock, signal } = options;
  const over = new AbortController();
  const untilOver = AbortSignal.any([signal, over.signal]);
  const placing = createPlacingQueue(async (files) =>
    feed({ kind: 'placed', ends: await options.place(files), at: clock.now() }),
  );
  let state = startAsking(clock.now());
  let speaking = Promise.resolve();

  function feed(input: AskerInput): void {
    const stepped = askerStep(state, input);
    state = stepped.state;
    for (const effect of stepped.effects) perform(effect);
    const settled = stepped.effects.filter((effect) => effect.kind === 'settled');
    if (settled.length > 0) options.onSettled(settled);
  }

  function perform(effect: AskerEffect): void {
    switch (effect.kind) {
      case 'say':
        speaking = speaking
          .then(() => channel.send(encodeBatchStatement(effect.statement)))
          .catch(() => feed({ kind: 'closed' }));
        break;
      case 'place':
        placing.add(effect.files);
        break;
      case 'close':
        over.abort();
        channel.close(effect.reason);
        break;
      case 'settled':
        break;
      default:
        never(effect);
    }
  }

  async function listen(): Promise<void> {
    try {
      for await (const bytes of channel.messages({ signal: untilOver })) {
        feed({ kind: 'heard', message: decodeBatchMessage(bytes), at: clock.now() });
        await placing.room();
      }
    } catch {
      // Said below: how it ended makes no difference.
    }
    feed({ kind: 'closed' });
  }

  async function tick(): Promise<void> {
    while (!untilOver.aborted) {
      await clock.wait(TRANSFER_TICK_MS, untilOver).catch(() => {});
      if (!untilOver.aborted) feed({ kind: 'tick', at: clock.now() });
    }
  }

  async function run(): Promise<void> {
    await Promise.all([listen(), tick()]);
    await placing.idle();
    await speaking;
  }

  return {
    isOpen: () => !state.isOver,
    ask: (files) => feed({ kind: 'wanted', files, at: clock.now() }),
    takeBack: (interaction, reason) => feed({ kind: 'taken-back', interaction, reason }),
    ended: run(),
  };
}
