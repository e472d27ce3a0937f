/** policy explain: which rule decides on a file, and by which values. */
import type { Command } from 'commander';
import * as z from 'zod';
import type { PolicyExplanation } from '../../projections/policy/explain-policy.ts';
import { action, type CommandUse, type Surroundings, wordAt } from '../context.ts';
import { asToldBy } from '../input/as-told-by.ts';
import { tableLines } from '../terminal/table.ts';
import { cleanText } from '../words/clean-text.ts';
import { humanBytes, shortId } from '../words/human.ts';
import { ruleAsWritten, ToldRule } from '../words/own-rule.ts';
import { FILE_HELP } from './command-words.ts';

const Share = z.object({ held: z.number(), limit: z.number().optional() });
type Share = z.infer<typeof Share>;

const Explanation = asToldBy<PolicyExplanation>()(
  z.looseObject({
    interaction: z.string(),
    displayName: z.string(),
    totalSize: z.number(),
    type: z.string().optional(),
    from: z.string(),
    isHere: z.boolean(),
    fetch: z.boolean(),
    says: z.string(),
    ownRule: ToldRule.optional(),
    over: z.record(z.string(), z.object({ fetch: z.boolean() })),
    links: z.array(z.string()),
    quota: z.object({ conversation: Share, total: Share }),
    disk: z.object({ free: z.number().optional(), reserve: z.number(), coming: z.number() }),
  }),
);
type Explanation = z.infer<typeof Explanation>;

export function addPolicyCommand(program: Command, surroundings: Surroundings): void {
  const policy = program.command('policy').description('what is fetched without asking, and why');
  policy
    .command('explain')
    .argument('<conversation>')
    .argument('<file>', FILE_HELP)
    .description('say which rule decides whether a file is fetched, and the values it looked at')
    .action(action(surroundings, explain));
}

async function explain({ context: { output, call }, words }: CommandUse<object>): Promise<void> {
  const given = await call('explain-policy', { conversation: wordAt(words, 0), file: wordAt(words, 1) });
  output.value(given);
  for (const line of explanationLines(Explanation.parse(given))) output.line(line);
}

function explanationLines(explained: Explanation): readonly string[] {
  const { displayName, totalSize, type, from, interaction, quota, disk } = explained;
  const rows = [
    ['file', `${shortId(interaction)}, ${humanBytes(totalSize)}, ${type ?? 'of no type that its name tells'}`],
    ['from', shortId(from)],
    ['links', linksText(explained)],
    ['held', `${shareText(quota.conversation)} in this conversation; ${shareText(quota.total)} in all`],
    ['disk', `${freeText(disk.free)}, ${humanBytes(disk.reserve)} kept free, ${humanBytes(disk.coming)} on the way`],
    ...(explained.ownRule ? [['rule', ruleAsWritten(explained.ownRule)]] : []),
  ];
  return [
    `${cleanText(displayName)}: ${verdict(explained)}`,
    ...tableLines([{ title: '' }, { title: '' }], rows).slice(1),
  ];
}

function verdict({ isHere, fetch, says }: Explanation): string {
  if (isHere) return 'complete here; nothing is to be decided';
  return `${fetch ? 'fetched' : 'not fetched'}, because ${says}`;
}

/** The links there are, and over which kinds the ruling would be another one. */
function linksText({ links, over, fetch }: Explanation): string {
  const others = Object.entries(over).flatMap(([kind, ruling]) => (ruling.fetch === fetch ? [] : [kind]));
  const now = links.length > 0 ? links.join(', ') : 'none to a device that could send it';
  return others.length > 0 ? `${now}; the other way round with: ${others.join(', ')}` : now;
}

function shareText({ held, limit }: Share): string {
  return limit === undefined ? `${humanBytes(held)}, no quota` : `${humanBytes(held)} of ${humanBytes(limit)}`;
}

function freeText(free: number | undefined): string {
  return free === undefined ? 'not looked at yet' : `${humanBytes(free)} free`;
}
