/** send, edit, react, delete, send-file: what people say in conversations, told to the running engine. */
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { action, type CommandUse, type Surroundings, wordAt } from '../context.ts';
import { createProgressBars } from '../terminal/progress.ts';
import { remarkOnBan, Written } from '../words/held-ban.ts';
import { shortId } from '../words/human.ts';
import { ReadingEvent, readingAsTransfers } from '../words/reading-event.ts';

const Announced = Written.extend({ fileId: z.string() });
const Edited = Written.extend({ edited: z.string() });
const Reacted = Written.extend({ reactedTo: z.string() });
const Deleted = Written.extend({ deleted: z.string() });

interface SendFileOptions {
  readonly name?: string;
  readonly progress?: boolean;
}

const MESSAGE_HELP = 'its id, the first digits of it, or the name of a file';

export function addMessageCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('send')
    .argument('<conversation>')
    .argument('<text>')
    .option('--reply-to <message>', `the message this is an answer to: ${MESSAGE_HELP}`)
    .description('send a message')
    .action(action<{ replyTo?: string }>(surroundings, send));
  program
    .command('edit')
    .argument('<conversation>')
    .argument('<message>', `an own message or reaction: ${MESSAGE_HELP}`)
    .argument('<text>')
    .description('change what a message says')
    .action(action(surroundings, edit));
  program
    .command('react')
    .argument('<conversation>')
    .argument('<message>', MESSAGE_HELP)
    .argument('<reaction>', 'an emoji, mostly')
    .description('react to a message or file; "delete" takes a reaction back')
    .action(action(surroundings, react));
  program
    .command('delete')
    .argument('<conversation>')
    .argument('<message>', `an own message, reaction or file: ${MESSAGE_HELP}`)
    .description('take back a message or reaction, or a file and its bytes')
    .action(action(surroundings, deleteMessage));
  program
    .command('send-file')
    .argument('<conversation>')
    .argument('<path>')
    .option('--name <name>', 'the name to announce; the file name otherwise')
    .option('--progress', 'with --json: a value for how far the file was read, now and then')
    .description('announce a file; devices of the members fetch it from here')
    .addHelpText('after', '\nA big file is read for a while first. Ctrl-C meanwhile leaves nothing.')
    .action(action<SendFileOptions>(surroundings, sendFile));
}

async function send({ context, words, options }: CommandUse<{ replyTo?: string }>): Promise<void> {
  const params = { conversation: wordAt(words, 0), text: wordAt(words, 1), ...options };
  const sent = Written.parse(await context.call('send', params));
  context.output.value(sent);
  context.output.line(`sent ${sent.interaction}`);
  remarkOnBan(context.output, sent);
}

async function edit({ context, words }: CommandUse<object>): Promise<void> {
  const params = { conversation: wordAt(words, 0), message: wordAt(words, 1), text: wordAt(words, 2) };
  const edited = Edited.parse(await context.call('edit', params));
  context.output.value(edited);
  context.output.line(`edited ${edited.edited}`);
  remarkOnBan(context.output, edited);
}

async function react({ context, words }: CommandUse<object>): Promise<void> {
  const params = { conversation: wordAt(words, 0), message: wordAt(words, 1), reaction: wordAt(words, 2) };
  const reacted = Reacted.parse(await context.call('react', params));
  context.output.value(reacted);
  context.output.line(`reacted to ${shortId(reacted.reactedTo)} with ${reacted.interaction}`);
  remarkOnBan(context.output, reacted);
}

async function deleteMessage({ context, words }: CommandUse<object>): Promise<void> {
  const params = { conversation: wordAt(words, 0), message: wordAt(words, 1) };
  const deleted = Deleted.parse(await context.call('delete', params));
  context.output.value(deleted);
  context.output.line(`deleted ${deleted.deleted}`);
  remarkOnBan(context.output, deleted);
}

async function sendFile({ context, words, options: { name, progress = false } }: CommandUse<SendFileOptions>) {
  const { output, stderr } = context;
  const path = resolve(wordAt(words, 1));
  const bars = createProgressBars(output, stderr);
  const onEvent = (given: unknown) => {
    const reading = ReadingEvent.parse(given);
    if (progress) output.value(reading);
    for (const shown of readingAsTransfers(basename(path), reading)) bars.show(shown);
  };
  const params = { conversation: wordAt(words, 0), path, ...(name !== undefined && { name }) };
  const sent = await context.call('send-file', params, onEvent).finally(() => bars.stop());
  const announced = Announced.parse(sent);
  output.value(announced);
  output.line(`announced ${announced.fileId}`);
  remarkOnBan(output, announced);
}
