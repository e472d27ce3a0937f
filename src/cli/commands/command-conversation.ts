/** new, profile, join, leave, conversations: which conversations there are, asked of the running engine. */
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { GROUP_MODES } from '../../conversation/decisions/create.ts';
import type { ConversationSummary, InvitationView } from '../../engine/views.ts';
import { SyncError } from '../../errors.ts';
import { action, type CommandContext, type CommandUse, type Surroundings, wordAt } from '../context.ts';
import { asToldBy } from '../input/as-told-by.ts';
import { modeNumber } from '../input/mode-number.ts';
import { tableLines } from '../terminal/table.ts';
import { cleanText } from '../words/clean-text.ts';
import { bannedSentence, HeldBan, remarkOnBan, Written } from '../words/held-ban.ts';
import { shortId } from '../words/human.ts';

const Created = z.object({ conversation: z.string() });
/** JSON leaves out what is undefined; our own lines say null. */
const Title = z
  .string()
  .optional()
  .transform((title) => title ?? null);
const Summaries = asToldBy<{
  conversations: readonly ConversationSummary[];
  invitations: readonly InvitationView[];
}>()(
  z.object({
    conversations: z.array(
      z.object({
        conversation: z.string(),
        mode: z.string(),
        title: Title,
        members: z.number(),
        interactions: z.number(),
        missing: z.number(),
        head: z.string(),
        ban: HeldBan.optional(),
      }),
    ),
    invitations: z.array(z.object({ conversation: z.string(), from: z.string(), mode: z.string(), title: Title })),
  }),
);

export function addConversationCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('new')
    .description('make a conversation')
    .option('--title <text>', 'what the conversation is called')
    .addOption(
      new Option(
        '--mode <mode>',
        'who may invite: members (invites-only, unless you say otherwise), or admins alone',
      ).choices(GROUP_MODES),
    )
    .option('--with <uri>', 'a conversation between two: you and this account')
    .action(action<Creation>(surroundings, createConversation));
  program
    .command('join')
    .argument('<conversation>')
    .description('join a conversation an invitation to which has arrived')
    .action(action(surroundings, join));
  program
    .command('conversations')
    .description('list the conversations of the home, and the invitations that wait')
    .action(action(surroundings, ({ context }) => listConversations(context)));
  program
    .command('leave')
    .argument('<conversation>')
    .description('leave a conversation; what was said stays here to be read')
    .action(action(surroundings, leave));
  program
    .command('profile')
    .argument('<conversation>')
    .option('--title <text>', 'what the conversation is called')
    .option('--description <text>', 'what it is about')
    .description('change what a conversation is called; for admins')
    .action(action<Profile>(surroundings, changeProfile));
}

interface Creation {
  readonly title?: string;
  readonly mode?: string;
  readonly with?: string;
}

async function createConversation({ context, options }: CommandUse<Creation>): Promise<void> {
  const created = Created.parse(await context.call('new', { ...options }));
  context.output.value(created);
  context.output.line(`conversation ${created.conversation}`);
}

async function join({ context, words }: CommandUse<object>): Promise<void> {
  const joined = Created.parse(await context.call('join', { conversation: wordAt(words, 0) }));
  context.output.value(joined);
  context.output.line(`joined ${joined.conversation}`);
}

async function leave({ context, words }: CommandUse<object>): Promise<void> {
  const conversation = wordAt(words, 0);
  const left = Written.parse(await context.call('leave', { conversation }));
  context.output.value(left);
  context.output.line(`left ${conversation}`);
  remarkOnBan(context.output, left);
}

interface Profile {
  readonly title?: string;
  readonly description?: string;
}

async function changeProfile({ context, words, options }: CommandUse<Profile>): Promise<void> {
  if (options.title === undefined && options.description === undefined)
    throw new SyncError('USAGE', { detail: 'Say what is to change: --title TEXT, --description TEXT.' });
  const conversation = wordAt(words, 0);
  const changed = Written.parse(await context.call('profile', { conversation, ...options }));
  context.output.value(changed);
  context.output.line(`changed the profile of ${conversation}`);
  remarkOnBan(context.output, changed);
}

async function listConversations({ output, call }: CommandContext): Promise<void> {
  const { conversations, invitations } = Summaries.parse(await call('conversations'));
  for (const one of conversations) output.value({ ...one, mode: modeNumber(one.mode) });
  for (const one of invitations) output.value({ ...one, mode: modeNumber(one.mode), invited: true });
  if (conversations.length > 0) {
    const rows = conversations.map((one) => [
      one.conversation,
      String(one.members),
      String(one.interactions),
      String(one.missing),
      cleanText(one.title ?? ''),
    ]);
    const columns = [
      { title: 'CONVERSATION' },
      { title: 'MEMBERS', align: 'right' as const },
      { title: 'COMMITS', align: 'right' as const },
      { title: 'MISSING', align: 'right' as const },
      { title: 'TITLE' },
    ];
    for (const line of tableLines(columns, rows)) output.line(line);
  }
  for (const { ban } of conversations) if (ban) output.line(bannedSentence(ban));
  for (const { conversation, from, title } of invitations) {
    output.line(
      `invitation to ${conversation} from ${shortId(from)}${title ? ` (${cleanText(title)})` : ''}; "swarmlog join ${conversation}"`,
    );
  }
  if (conversations.length + invitations.length === 0) output.remark('No conversations yet. "swarmlog new" makes one.');
}
