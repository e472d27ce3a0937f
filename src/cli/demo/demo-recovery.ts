/** What people see of a loss being noticed, asked for and made good. */
import * as z from 'zod';
import { FILE_REQUEST_TYPE, FileRequest } from '../../events/peer/file-request.ts';
import type { CommandContext } from '../context.ts';
import { createProgressBars, type ProgressBars } from '../terminal/progress.ts';
import { humanBytes, shortId } from '../words/human.ts';
import { TransferEvent } from '../words/transfer-event.ts';
import type { Person } from './demo-world.ts';

const Change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('subscribed') }),
  z.object({ kind: z.literal('missing'), interaction: z.string(), state: z.string() }),
  z.object({ kind: z.literal('request'), request: FileRequest, to: z.string() }),
  z.object({ kind: z.literal('transfer'), transfer: TransferEvent }),
  z.object({ kind: z.enum(['message', 'member', 'link']) }),
]);
type Change = z.infer<typeof Change>;

export interface RecoveryStage extends Pick<CommandContext, 'output' | 'stderr'> {
  readonly bob: Person;
  readonly conversation: string;
}

export interface Recovery {
  readonly isWatching: Promise<void>;
  /** Resolves when every file was found lacking and is complete again; throws what broke the watch off. */
  readonly isOver: Promise<void>;
}

/** Watches the files at Bob and tells the story as it happens. */
export function watchRecovery(
  { output, stderr, bob, conversation }: RecoveryStage,
  files: readonly { readonly interaction: string; readonly name: string }[],
): Recovery {
  const names = new Map(files.map(({ interaction, name }) => [interaction, name]));
  const lost = new Set<string>();
  const back = new Set<string>();
  const bars = createProgressBars(output, stderr);
  const tell = createTelling({ names, bars, dim: output.colours.dim });
  const over = new AbortController();
  let watching = () => {};
  const isWatching = new Promise<void>((resolve) => {
    watching = resolve;
  });

  function onChange(given: unknown): void {
    const change = Change.parse(given);
    if (change.kind === 'subscribed') watching();
    if (change.kind === 'missing') lost.add(change.interaction);
    tell(change);
    if (change.kind !== 'transfer') return;
    const { interaction, phase, totalSize } = change.transfer;
    if (phase !== 'complete' || !lost.has(interaction) || back.has(interaction)) return;
    back.add(interaction);
    bars.above(
      `${output.colours.green('recovered')}  ${names.get(interaction)}  ${humanBytes(totalSize)}, SHA3-512 verified`,
    );
    if (back.size === files.length) over.abort();
  }

  const isOver = bob
    .call('changes', { conversation }, { onEvent: onChange, signal: over.signal })
    .catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    })
    .finally(() => bars.stop())
    .then(() => {});
  // Whoever awaits it learns of a failure; nobody has to.
  isOver.catch(() => {});
  return { isWatching: Promise.race([isWatching, isOver]), isOver };
}

interface Telling {
  readonly names: ReadonlyMap<string, string>;
  readonly bars: ProgressBars;
  readonly dim: (text: string) => string;
}

/** The first request is shown as a whole; the others are like it. */
function createTelling({ names, bars, dim }: Telling): (change: Change) => void {
  let hasShownRequest = false;

  function tellRequest({ request, to }: Change & { kind: 'request' }): void {
    bars.above(`asks       device ${shortId(to)} for ${names.get(request.interaction)}`);
    if (hasShownRequest) return;
    hasShownRequest = true;
    for (const line of requestLines(request)) bars.above(`           ${dim(line)}`);
  }

  return (change) => {
    if (change.kind === 'missing') bars.above(`noticed    ${names.get(change.interaction)} is ${change.state}`);
    if (change.kind === 'transfer') bars.show(change.transfer);
    if (change.kind === 'request') tellRequest(change);
  };
}

/** The request as it goes over the wire, broken into lines that fit a terminal. */
function requestLines({ conversation, interaction, deviceId }: FileRequest): readonly string[] {
  return [
    FILE_REQUEST_TYPE,
    `{"conversation":"${conversation}",`,
    ` "interaction":"${interaction}",`,
    ` "deviceId":"${deviceId}"}`,
  ];
}
