/** verify, log, members, timeline: what is in a SOURCE. Reads only; needs no home, no engine, no network. */
import { type Command, Option } from 'commander';
import { type Order, readHistory } from '../conversation/history.ts';
import { openSource } from '../conversation/repository/open-source-adapter.ts';
import type { RepositoryReader } from '../conversation/repository/repository.ts';
import { type Verification, verifyHistory } from '../conversation/verify-history.ts';
import type { Interaction } from '../events/interaction.ts';
import { members, membersView } from '../projections/members.ts';
import { project } from '../projections/projection.ts';
import { timeline } from '../projections/timeline.ts';
import { timelineView } from '../projections/timeline-page.ts';
import { action, type CommandContext, type CommandUse, type Surroundings, wordAt } from './context.ts';
import { describeEntry } from './describe-entry.ts';
import { describeInteraction } from './describe-interaction.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { humanTime, shortId } from './human.ts';
import { interactionLine } from './interaction-line.ts';
import { tableLines } from './table.ts';

export const SOURCE_HELP = 'a work tree, a git directory, a bare repository or a .bundle';

interface LogOptions {
  readonly order: Order;
  readonly merges?: boolean;
}

export function addSourceCommands(
  program: Command,
  surroundings: Surroundings,
  setExitCode: (code: ExitCode) => void,
): void {
  program
    .command('verify')
    .argument('<source>', SOURCE_HELP)
    .description('check the whole history: signatures, certificates, ids, rules')
    .addHelpText('after', '\nExits 1 and names the commits when something is wrong.')
    .action(
      action(surroundings, async ({ context, words }) => {
        const isValid = await withSource(wordAt(words, 0), (reader) => verify(context, reader));
        if (!isValid) setExitCode(EXIT.no);
      }),
    );
  program
    .command('log')
    .argument('<source>', SOURCE_HELP)
    .description('list the interactions, oldest first')
    .addOption(
      new Option('--order <order>', 'the order all replicas share, or the one Jami shows')
        .choices(['canonical', 'jami'])
        .default('canonical'),
    )
    .option('--merges', 'merge commits too')
    .action(action<LogOptions>(surroundings, log));
  program
    .command('members')
    .argument('<source>', SOURCE_HELP)
    .description('list who takes part, with role and devices')
    .action(action(surroundings, listMembers));
  program
    .command('timeline')
    .argument('<source>', SOURCE_HELP)
    .description('list the messages with edits, deletions, reactions and replies folded in')
    .action(action(surroundings, listTimeline));
}

/** Opens a source for one use and closes it afterwards. */
export async function withSource<T>(path: string, use: (reader: RepositoryReader) => Promise<T>): Promise<T> {
  await using reader = await openSource(path);
  return await use(reader);
}

async function verify({ output, signal }: CommandContext, reader: RepositoryReader): Promise<boolean> {
  const verification = await verifyHistory(reader, { signal });
  output.value(verification);
  for (const line of verificationLines(verification)) output.line(line);
  const { green, red } = output.colours;
  const count = verification.problems.length;
  output.line(verification.valid ? green('valid') : red(`not valid: ${count} ${count === 1 ? 'problem' : 'problems'}`));
  return verification.valid;
}

function verificationLines({ conversation, head, mode, commits, merges, problems }: Verification): string[] {
  const facts = [
    ['conversation', conversation ?? 'unknown'],
    ['head', head],
    ['mode', mode ?? 'unknown'],
    ['commits', `${commits}, ${merges} of them merges`],
  ];
  const width = 14;
  return [
    ...facts.map(([name = '', value = '']) => name.padEnd(width) + value),
    ...problems.map(({ commit, rule, message }) => `${rule.padEnd(width)}${commit}  ${message}`),
  ];
}

async function log({ context, words, options: { order, merges = false } }: CommandUse<LogOptions>): Promise<void> {
  const { output, signal } = context;
  const interactions = await withSource(wordAt(words, 0), (reader) => readHistory(reader, { order, merges, signal }));
  for (const interaction of interactions) {
    output.value(interactionLine(interaction));
    output.line(humanLine(interaction, output.colours));
  }
}

function humanLine(interaction: Interaction, { dim, cyan }: CommandContext['output']['colours']): string {
  const { id, author, committedAt, content } = interaction;
  const who = cyan(author ? shortId(author) : 'nobody  ');
  return `${dim(humanTime(committedAt))}  ${shortId(id)}  ${who}  ${describeInteraction(content)}`;
}

async function listMembers({ context, words }: CommandUse<object>): Promise<void> {
  const { output, signal } = context;
  const history = await withSource(wordAt(words, 0), (reader) => readHistory(reader, { signal }));
  const rows: string[][] = [];
  for (const member of membersView(project(members, history))) {
    output.value(member);
    rows.push([member.uri, member.role, member.devices.map(shortId).join(' ')]);
  }
  const columns = [{ title: 'URI' }, { title: 'ROLE' }, { title: 'DEVICES' }];
  for (const line of tableLines(columns, rows)) output.line(line);
}

async function listTimeline({ context, words }: CommandUse<object>): Promise<void> {
  const { output, signal } = context;
  const history = await withSource(wordAt(words, 0), (reader) => readHistory(reader, { signal }));
  for (const entry of timelineView(project(timeline, history))) {
    output.value(entry);
    for (const line of describeEntry(entry, output.colours)) output.line(line);
  }
}
