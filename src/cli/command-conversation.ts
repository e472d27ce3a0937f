/** new, invite, join, conversations, send, delete, send-file: what people do in conversations, asked of the running engine. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { cleanText } from './clean-text.ts';
import { action, type CommandContext, type CommandUse, type Surroundings, wordAt } from './context.ts';
import { shortId } from './human.ts';
import { modeNumber } from './mode-number.ts';
import { tableLines } from './table.ts';

const Created = z.object({ conversation: z.string() });
const Sent = z.object({ interaction: z.string(), fileId: z.string().optional() });
const Deleted = z.object({ interaction: z.string(), deleted: z.string() });
/** JSON leaves out what is undefined; our own lines say null. */
const Title = z
  .string()
  .optional()
  .transform((title) => title ?? null);
const Summaries = z.object({
  conversations: z.array(
    z.object({
      conversation: z.string(),
      mode: z.string(),
      title: Title,
      members: z.number(),
      interactions: z.number(),
      missing: z.number(),
      head: z.string(),
    }),
  ),
  invitations: z.array(z.object({ conversation: z.string(), from: z.string(), mode: z.string(), title: Title })),
});

export function addConversationCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('new')
    .description('make a conversation that members can invite to')
    .option('--title <text>', 'what the conversation is called')
    .action(action<{ title?: string }>(surroundings, createConversation));
  program
    .command('invite')
    .argument('<conversation>')
    .argument('<uri>', "the other account's uri, as its `swarmlog id` prints it")
    .description('invite an account to a conversation')
    .action(action(surroundings, invite));
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
    .command('send')
    .argument('<conversation>')
    .argument('<text>')
    .description('send a message')
    .action(action(surroundings, send));
  program
    .command('delete')
    .argument('<conversation>')
    .argument('<message>', 'an own message or file: its id, or the first digits of it')
    .description('take back a message, or a file and its bytes')
    .action(action(surroundings, deleteMessage));
  program
    .command('send-file')
    .argument('<conversation>')
    .argument('<path>')
    .option('--name <name>', 'the name to announce; the file name otherwise')
    .description('announce a file; devices of the members fetch it from here')
    .action(action<{ name?: string }>(surroundings, sendFile));
}

async function createConversation({ context, options }: CommandUse<{ title?: string }>): Promise<void> {
  const created = Created.parse(await context.call('new', options));
  context.output.value(created);
  context.output.line(`conversation ${created.conversation}`);
}

async function invite({ context, words }: CommandUse<object>): Promise<void> {
  const uri = wordAt(words, 1);
  const sent = Sent.parse(await context.call('invite', { conversation: wordAt(words, 0), uri }));
  context.output.value(sent);
  context.output.line(`invited ${uri}; it hears of it as soon as one of its devices is linked`);
}

async function join({ context, words }: CommandUse<object>): Promise<void> {
  const joined = Created.parse(await context.call('join', { conversation: wordAt(words, 0) }));
  context.output.value(joined);
  context.output.line(`joined ${joined.conversation}`);
}

async function send({ context, words }: CommandUse<object>): Promise<void> {
  await printSent(context, 'send', { conversation: wordAt(words, 0), text: wordAt(words, 1) });
}

async function deleteMessage({ context, words }: CommandUse<object>): Promise<void> {
  const params = { conversation: wordAt(words, 0), message: wordAt(words, 1) };
  const deleted = Deleted.parse(await context.call('delete', params));
  context.output.value(deleted);
  context.output.line(`deleted ${deleted.deleted}`);
}

async function sendFile({ context, words, options }: CommandUse<{ name?: string }>): Promise<void> {
  await printSent(context, 'send-file', {
    conversation: wordAt(words, 0),
    path: resolve(wordAt(words, 1)),
    ...options,
  });
}

async function printSent(context: CommandContext, method: string, params: Record<string, unknown>): Promise<void> {
  const sent = Sent.parse(await context.call(method, params));
  context.output.value(sent);
  context.output.line(sent.fileId === undefined ? `sent ${sent.interaction}` : `announced ${sent.fileId}`);
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
  for (const { conversation, from, title } of invitations) {
    output.line(
      `invitation to ${conversation} from ${shortId(from)}${title ? ` (${cleanText(title)})` : ''}; "swarmlog join ${conversation}"`,
    );
  }
  if (conversations.length + invitations.length === 0) output.remark('No conversations yet. "swarmlog new" makes one.');
}
