/** accept, refuse, cancel, pause, resume, retry: what a person says about files, told to the running engine. */
import type { Command } from 'commander';
import * as z from 'zod';
import type { Word } from '../../projections/journal/words.ts';
import { action, type CommandUse, type Surroundings } from '../context.ts';
import { cleanText } from '../words/clean-text.ts';
import { shortId } from '../words/human.ts';

const COMMANDS: readonly { readonly word: Word; readonly said: string; readonly description: string }[] = [
  { word: 'accept', said: 'accepted', description: 'get files, whatever the policy says' },
  { word: 'refuse', said: 'refused', description: 'decline files; whoever offered them is told' },
  {
    word: 'cancel',
    said: 'cancelled',
    description: 'stop getting and giving files; complete ones stay, the rest of what is here is thrown away',
  },
  { word: 'pause', said: 'paused', description: 'halt files in both directions; what is here of them stays' },
  { word: 'resume', said: 'resumed', description: 'go on with files that were paused, cancelled or refused' },
  {
    word: 'retry',
    said: 'to be tried again',
    description: 'try files again at once that failed or wait for their turn',
  },
];

const Said = z.array(
  z.object({ interaction: z.string(), fileId: z.string(), displayName: z.string(), word: z.string() }),
);

/** How a file is named on the command line, for `--help`. */
export const FILE_HELP = 'its name, interaction or file id, or as many of the first digits as no other file has';

export function addWordCommands(program: Command, surroundings: Surroundings): void {
  for (const { word, said, description } of COMMANDS) {
    program
      .command(word)
      .argument('<conversation>')
      .argument('<file...>', FILE_HELP)
      .description(description)
      .addHelpText('after', `\nExample:\n  $ swarmlog ${word} 7441dda84fc82e4dc62083604dd16b7e3cf934ed 05b169e4`)
      .action(action(surroundings, (use) => say(use, word, said)));
  }
}

async function say({ context, words }: CommandUse<object>, word: Word, said: string): Promise<void> {
  const { output } = context;
  const [conversation, ...files] = words;
  for (const file of Said.parse(await context.call('say', { conversation, word, files }))) {
    output.value(file);
    output.line(`${said}  ${shortId(file.interaction)}  ${cleanText(file.displayName)}`);
  }
}
