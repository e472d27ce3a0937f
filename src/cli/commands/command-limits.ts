/** limits: how fast the bytes of files may move. */
import type { Command } from 'commander';
import * as z from 'zod';
import { action, type CommandUse, type Surroundings } from '../context.ts';
import { tableLines } from '../terminal/table.ts';
import { humanRate, shortId } from '../words/human.ts';
import { parseRate } from './command-options.ts';

type Rate = number | 'none';

interface LimitsOptions {
  readonly up?: Rate;
  readonly down?: Rate;
  readonly conversation?: string;
}

const Rates = z.object({ up: z.number().optional(), down: z.number().optional() });
const Limits = Rates.extend({ conversations: z.record(z.string(), Rates).default({}) });

export function addLimitsCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('limits')
    .option('--up <rate>', 'bytes of files a second to other devices, as 500K or 2M; none lifts the limit', rateOrNone)
    .option('--down <rate>', 'the same from other devices', rateOrNone)
    .option('--conversation <id>', 'set them for one conversation, below those for everything')
    .description('show, or change, how fast files may move while the engine runs')
    .addHelpText('after', '\nExample:\n  $ swarmlog limits --up 500K --down none')
    .action(action<LimitsOptions>(surroundings, showLimits));
}

async function showLimits({ context: { output, call }, options }: CommandUse<LimitsOptions>): Promise<void> {
  const { up, down, ...scope } = options;
  const given = await call('limits', { ...scope, ...rateParameter('up', up), ...rateParameter('down', down) });
  output.value(given);
  const { conversations, ...everything } = Limits.parse(given);
  const rows = [
    ['everything', everything] as const,
    ...Object.entries(conversations).map(([id, rates]) => [shortId(id), rates] as const),
  ];
  const columns = [
    { title: 'CONVERSATION' },
    { title: 'UP', align: 'right' as const },
    { title: 'DOWN', align: 'right' as const },
  ];
  for (const line of tableLines(
    columns,
    rows.map(([of, rates]) => [of, rateText(rates.up), rateText(rates.down)]),
  ))
    output.line(line);
}

function rateText(rate: number | undefined): string {
  return rate === undefined ? 'no limit' : humanRate(rate);
}

/** An option that was not given changes nothing; commander would make an empty text of a null. */
function rateParameter(way: 'up' | 'down', rate: Rate | undefined): Readonly<Record<string, number | null>> {
  if (rate === undefined) return {};
  return { [way]: rate === 'none' ? null : rate };
}

function rateOrNone(text: string): Rate {
  return text === 'none' ? text : parseRate(text);
}
