/** What verify, log, members and timeline print. */
import { type Verification, verifyHistory } from '../../conversation/judge/verify-history.ts';
import { type Order, readHistory } from '../../conversation/log/history.ts';
import { headMembership } from '../../conversation/membership/head-membership.ts';
import type { RepositoryReader } from '../../conversation/repository/repository.ts';
import { membersShown } from '../../engine/conversations/members-shown.ts';
import type { Interaction } from '../../events/interaction.ts';
import { type MemberView, members } from '../../projections/members.ts';
import { project } from '../../projections/projection.ts';
import { timeline } from '../../projections/timeline/timeline.ts';
import { timelineView } from '../../projections/timeline/timeline-page.ts';
import { remarkOnBanOfSource } from '../ban-of-source.ts';
import { type CommandContext, type CommandUse, wordAt } from '../context.ts';
import { modeNumber } from '../input/mode-number.ts';
import { tableLines } from '../terminal/table.ts';
import { withSource } from '../with-source.ts';
import { cleanText } from '../words/clean-text.ts';
import { describeEntry } from '../words/describe-entry.ts';
import { describeInteraction } from '../words/describe-interaction.ts';
import { humanTime, shortId } from '../words/human.ts';
import { interactionLine } from '../words/interaction-line.ts';

export interface LogOptions {
  readonly order: Order;
  readonly merges?: boolean;
}

/** True when nothing is wrong. */
export function verify({ context, words }: CommandUse<object>): Promise<boolean> {
  return withSource(wordAt(words, 0), context, (reader) => verifySource(context, reader));
}

async function verifySource({ output, signal }: CommandContext, reader: RepositoryReader): Promise<boolean> {
  const verification = await verifyHistory(reader, { signal });
  output.value({ ...verification, mode: modeNumber(verification.mode) });
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
    ...problems.map(({ commit, rule, message }) => `${rule.padEnd(width)}${commit}  ${cleanText(message)}`),
    ...(commits === 0
      ? ['Not even its newest commit is one of a conversation: is it a repository of something else?']
      : []),
  ];
}

export async function log({
  context,
  words,
  options: { order, merges = false },
}: CommandUse<LogOptions>): Promise<void> {
  const { output, signal } = context;
  const interactions = await withSource(wordAt(words, 0), context, (reader) =>
    readHistory(reader, { order, merges, signal }),
  );
  for (const interaction of interactions) {
    output.value(interactionLine(interaction));
    output.line(humanLine(interaction, output.colours));
  }
  await remarkOnBanOfSource(context, wordAt(words, 0));
}

function humanLine(interaction: Interaction, { dim, cyan }: CommandContext['output']['colours']): string {
  const { id, author, committedAt, content } = interaction;
  const who = cyan(author ? shortId(author) : 'nobody  ');
  return `${dim(humanTime(committedAt))}  ${shortId(id)}  ${who}  ${describeInteraction(content)}`;
}

export async function listMembers({ context, words }: CommandUse<object>): Promise<void> {
  const { output, signal } = context;
  const shown = await withSource(wordAt(words, 0), context, (reader) => membersOf(reader, signal));
  const rows: string[][] = [];
  for (const member of shown) {
    output.value(member);
    rows.push([member.uri, member.role, member.devices.map(shortId).join(' ')]);
  }
  const columns = [{ title: 'URI' }, { title: 'ROLE' }, { title: 'DEVICES' }];
  for (const line of tableLines(columns, rows)) output.line(line);
  await remarkOnBanOfSource(context, wordAt(words, 0));
}

async function membersOf(reader: RepositoryReader, signal: AbortSignal): Promise<readonly MemberView[]> {
  const history = await readHistory(reader, { signal });
  const [first, head] = [history.at(0)?.id, await reader.head()];
  if (!first || !head) return [];
  return membersShown(project(members, history), await headMembership(reader, { first, head }));
}

export async function listTimeline({ context, words }: CommandUse<object>): Promise<void> {
  const { output, signal } = context;
  const history = await withSource(wordAt(words, 0), context, (reader) => readHistory(reader, { signal }));
  for (const entry of timelineView(project(timeline, history))) {
    output.value(entry);
    for (const line of describeEntry(entry, output.colours)) output.line(line);
  }
  await remarkOnBanOfSource(context, wordAt(words, 0));
}
