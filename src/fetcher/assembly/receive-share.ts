import type { DeviceId } from '../../ids.ts';
import { never } from '../../never.ts';
import type { Channel } from '../../ports.ts';
import { fileFields } from '../file-key.ts';
import { fileShare } from '../pace/quick-file.ts';
import { openDialogue } from '../transfer/dialogue.ts';
import { createProgress } from '../transfer/progress.ts';
import type { ReceivingContext } from '../transfer/receive/receiving.ts';
import { runMachine } from '../transfer/run-machine.ts';
import type { SubTransferEnd } from '../transfer/serve/serve-file.ts';
import { stay } from '../transfer/step.ts';
import type { StopSignals } from '../transfer/stop-signals.ts';
import type { Statement } from '../transfer/transfer-frame.ts';
import type { TransferInput } from '../transfer/transfer-input.ts';
import type { Assembly } from './assembly.ts';
import { type ShareEffect, type ShareInput, type ShareState, shareStep, startSharing } from './share-machine.ts';

export interface ShareOptions {
  readonly assembly: Assembly;
  readonly context: ReceivingContext;
  readonly stop: StopSignals;
}

export interface ShareEnd extends SubTransferEnd {
  /** The source would send the file as one without chunks, from its beginning to its end. */
  readonly isWithoutChunks: boolean;
}

/** Takes one device's share of a file in chunks in over one channel, and notes what became of it. Owns the channel. */
export async function receiveShare(channel: Channel, options: ShareOptions): Promise<ShareEnd> {
  const { assembly, context, stop } = options;
  const { notebook } = context;
  const { clock, onProgress } = context.options;
  const { file } = assembly;
  const { device } = channel.peer;
  const about = { ...fileFields(file), peer: device, direction: 'receiving' as const };
  const progress = createProgress(clock, file, (bytes) =>
    onProgress({ file, peer: device, direction: 'receiving', bytes }),
  );
  let hasJoined = false;

  /** Silence is nothing to hold against a source that was asked for nothing. */
  function hear(input: TransferInput): void {
    const isIdle = input.kind === 'tick' && hasJoined && !assembly.isAwaited(device);
    machine.feed(isIdle ? { ...input, isListening: false } : input);
  }

  /** What it is asked for comes later; until then it knows that it is not refused. */
  function join(): void {
    say({ say: 'go', ranges: [], held: assembly.held() });
    notebook.note({ kind: 'sub-transfer-started', ...about, start: 0, at: clock.now() });
    hasJoined = assembly.join(device, {
      order: (statement) => machine.feed({ kind: 'ordered', statement }),
      conclude: (outcome) => machine.feed({ kind: 'concluded', outcome }),
    });
    if (!hasJoined) machine.feed({ kind: 'concluded', outcome: 'refused' });
  }

  const say = (statement: Statement) => dialogue.say(statement);
  const pace = fileShare(context.options, file, { device, direction: 'receiving' });
  const dialogue = openDialogue({ channel, clock, onInput: hear, room: assembly.room, pace });
  const machine = runMachine<ShareState, ShareInput, ShareEffect>({
    start: stay(startSharing(file, clock.now())),
    stop,
    step: shareStep,
    perform: performer({ assembly, device, say, join, report: progress.report }),
  });
  const unhook = onOver(assembly, (outcome) => machine.feed({ kind: 'concluded', outcome }));
  const { outcome, hint } = await machine.ended;
  unhook();
  if (hasJoined) assembly.leave(device);
  const end = { outcome, bytes: assembly.delivered(device) };
  progress.finish();
  notebook.note({ kind: 'sub-transfer-ended', ...about, ...end, at: clock.now() });
  await dialogue.leave();
  await notebook.written();
  return { ...end, isWithoutChunks: hint === 'without-chunks' };
}

interface Performers {
  readonly assembly: Assembly;
  readonly device: DeviceId;
  say(statement: Statement): void;
  join(): void;
  /** Of the bytes that came from the device. */
  report(bytes: number): void;
}

function performer({ assembly, device, say, join, report }: Performers) {
  return (effect: Exclude<ShareEffect, { kind: 'ended' }>) => {
    switch (effect.kind) {
      case 'say':
        return say(effect.statement);
      case 'joined':
        return join();
      case 'say-progress':
        return say({ say: 'progress', bytes: assembly.held() });
      case 'take':
        assembly.take(device, effect.start, effect.bytes);
        return report(assembly.delivered(device));
      case 'take-hashes':
        return assembly.takeHashes(device, effect.hashes);
      default:
        return never(effect);
    }
  };
}

/** Also for a source that has not joined, or not yet. */
function onOver({ over, end }: Assembly, concluded: (outcome: SubTransferEnd['outcome']) => void): () => void {
  const listener = () => concluded(end()?.outcome ?? 'interrupted');
  if (over.aborted) listener();
  over.addEventListener('abort', listener, { once: true });
  return () => over.removeEventListener('abort', listener);
}
