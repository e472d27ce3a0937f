/** The part of the demo in which a third device takes one file from two others, and one of them dies on the way. */
import { FetchEvent, outcomeLine } from '../commands/fetch-event.ts';
import type { CommandContext } from '../context.ts';
import { createProgressBars } from '../terminal/progress.ts';
import { humanBytes, shortId } from '../words/human.ts';
import type { TransferEvent } from '../words/transfer-event.ts';
import type { Person, World } from './demo-world.ts';

const MiB = 1024 * 1024;
/** Slow enough for people to watch. Bytes a second. */
const UP_LIMIT = 20 * MiB;

export interface SourcesStage extends CommandContext {
  readonly world: Pick<World, 'kill'>;
  /** Both hold the file; the first one dies on the way. */
  readonly sources: readonly [dying: Person, staying: Person];
  readonly newcomer: Person;
  readonly conversation: string;
}

/** Fetches the file at the newcomer; kills the first source when half of the file is there. */
export async function takeFromTwo(stage: SourcesStage, file: { interaction: string }): Promise<void> {
  const { output, stderr, world, newcomer, conversation } = stage;
  const [dying] = stage.sources;
  for (const source of stage.sources) await source.call('limits', { up: UP_LIMIT });
  output.line(`Each of the two is held to ${humanBytes(UP_LIMIT)}/s, so that there is something to see.`);
  const bars = createProgressBars(output, stderr);
  const delivered = new Map<string, number>();
  let killing: Promise<void> | undefined;

  function onTransfer(transfer: TransferEvent): void {
    bars.show(transfer);
    for (const { peer, bytes, start } of transfer.subTransfers) delivered.set(peer, bytes - start);
    if (killing !== undefined || transfer.bytes < transfer.totalSize / 2) return;
    killing = world.kill(dying);
    bars.above(`${output.colours.red('killed')}     ${dying.name}’s engine (process ${dying.pid}), with SIGKILL`);
  }

  try {
    await newcomer.call(
      'fetch',
      { conversation, files: [file.interaction], wait: true },
      {
        onEvent(given) {
          const event = FetchEvent.parse(given);
          if ('transfer' in event) onTransfer(event.transfer);
          else bars.ended(event.outcome.interaction, outcomeLine(event.outcome, output));
        },
      },
    );
  } finally {
    bars.stop();
    await killing;
  }
  for (const { name, device } of stage.sources) {
    output.line(`${((delivered.get(device) ?? 0) / MiB).toFixed(1)} MiB came from ${name}, device ${shortId(device)}.`);
  }
}
