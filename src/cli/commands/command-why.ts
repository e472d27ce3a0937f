/** why: what decides about the fetching of one file. */
import type { Command } from 'commander';
import * as z from 'zod';
import type { WhyView } from '../../engine/views.ts';
import { humanSpan, humanWait } from '../../human-span.ts';
import { action, type CommandUse, type Surroundings } from '../context.ts';
import { asToldBy } from '../input/as-told-by.ts';
import { tableLines } from '../terminal/table.ts';
import { cleanText } from '../words/clean-text.ts';
import { bannedSentence, HeldBan } from '../words/held-ban.ts';
import { humanBytes, shortId } from '../words/human.ts';
import { STATE_FIELDS, stateInWords } from '../words/transfer-words.ts';
import { FILE_HELP } from './command-words.ts';

const LinkPath = z.looseObject({ kind: z.string(), link: z.string(), local: z.string(), remote: z.string() });
const Device = z.looseObject({
  device: z.string(),
  isLinked: z.boolean(),
  link: z.string().optional(),
  holds: z.string(),
  isAtIt: z.boolean(),
  lastTry: z.looseObject({ at: z.number(), path: LinkPath.optional() }).optional(),
  lastTrySays: z.string().optional(),
  nextTryAt: z.number().optional(),
  taking: z.looseObject({ ...STATE_FIELDS, bytes: z.number(), lastAt: z.number() }).optional(),
});
type Device = z.infer<typeof Device>;
const Why = asToldBy<WhyView>()(
  z.looseObject({
    now: z.number(),
    interaction: z.string(),
    displayName: z.string(),
    totalSize: z.number(),
    state: z.string(),
    says: z.string().optional(),
    giving: z.looseObject({ says: z.string().optional() }).optional(),
    ban: HeldBan.optional(),
    waitsFor: z.looseObject({ step: z.string() }).optional(),
    holders: z.object({ holding: z.number(), devices: z.number() }),
    devices: z.array(Device),
  }),
);

export function addWhyCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('why')
    .argument('<conversation>')
    .argument('<file>', FILE_HELP)
    .description('show what a file waits for, who has it, and how the last try with each device ended')
    .addHelpText('after', '\nExample:\n  $ swarmlog why 7441dda84fc82e4dc62083604dd16b7e3cf934ed 05b169e4')
    .action(action(surroundings, showWhy));
}

async function showWhy({ context, words }: CommandUse<object>): Promise<void> {
  const { output } = context;
  const [conversation, file] = words;
  const given = await context.call('why', { conversation, file });
  output.value(given);
  const why = Why.parse(given);
  const { now, interaction, displayName, totalSize, state, says, giving, ban, holders, devices } = why;
  const title = `${shortId(interaction)}  ${cleanText(displayName)}  ${humanBytes(totalSize)}  ${state}`;
  output.line(title);
  for (const sentence of [ban && bannedSentence(ban), says, giving?.says])
    if (sentence !== undefined) output.line(sentence);
  output.line(`${holders.holding} of ${holders.devices} devices are known to hold it`);
  if (devices.length === 0) return;
  const titles = [
    'DEVICE',
    'LINK',
    'HOLDS IT',
    ...(giving ? ['TAKES IT FROM HERE'] : ['LAST TRY', 'PATH', 'NEXT TRY']),
  ];
  const columns = titles.map((title) => ({ title }));
  const rows = devices.map((device) => [
    shortId(device.device),
    device.isLinked ? (device.link ?? 'yes') : 'none',
    HOLDS[device.holds] ?? device.holds,
    ...(giving ? [takes(device, now)] : [lastTry(device, now), pathTried(device), nextTry(device, why)]),
  ]);
  for (const line of ['', ...tableLines(columns, rows)]) output.line(line);
}

function takes({ taking, holds }: Device, now: number): string {
  if (!taking) return holds === 'has' ? '–' : 'not told of it';
  const { bytes, lastAt } = taking;
  // Of one that runs it would be when the journal last said so.
  const ago = taking.phase === 'running' ? [] : [`${humanSpan(Math.max(0, now - lastAt))} ago`];
  return [stateInWords(taking, now), ...(bytes > 0 ? [humanBytes(bytes)] : []), ...ago].join(', ');
}

const HOLDS: Readonly<Record<string, string>> = { has: 'yes', lacks: 'no', unknown: 'not known' };

function lastTry({ lastTry: tried, lastTrySays = '' }: Device, now: number): string {
  return tried ? `${lastTrySays}, ${humanSpan(Math.max(0, now - tried.at))} ago` : 'none';
}

function pathTried({ lastTry: tried }: Device): string {
  return tried?.path ? `${tried.path.link} ${tried.path.kind} ${tried.path.local} → ${tried.path.remote}` : '–';
}

/** What holds the file itself back, whichever device it could come from. */
const HELD_BACK: Readonly<Record<string, string>> = {
  'await-user': 'when you ask for it',
  'await-room': 'when there is room',
};

function nextTry({ isAtIt, nextTryAt }: Device, { now, waitsFor }: z.infer<typeof Why>): string {
  if (isAtIt) return 'under way';
  if (waitsFor === undefined) return '–';
  const held = HELD_BACK[waitsFor.step];
  if (held !== undefined) return held;
  if (nextTryAt === undefined) return 'when it says it has it';
  return nextTryAt <= now ? 'at any time' : `in ${humanWait(nextTryAt - now)}`;
}
