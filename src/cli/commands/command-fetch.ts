/** fetch: getting back what is missing. */
import type { Command } from 'commander';
import { action, type CommandUse, type Surroundings } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { createProgressBars } from '../terminal/progress.ts';
import { FILE_HELP } from './command-words.ts';
import { FetchEvent, outcomeLine } from './fetch-event.ts';

interface FetchOptions {
  readonly wait?: boolean;
}

export function addFetchCommand(
  program: Command,
  surroundings: Surroundings,
  setExitCode: (code: ExitCode) => void,
): void {
  program
    .command('fetch')
    .argument('<conversation>')
    .argument('[file...]', `these files only, each ${FILE_HELP}; every missing one otherwise`)
    .option('--wait', 'go on until every file is here')
    .description('get what is missing, with a bar for each file')
    .addHelpText('after', '\nExits 1 when a file is still missing in the end.')
    .action(
      action<FetchOptions>(surroundings, async (use) => {
        if (!(await fetchFiles(use))) setExitCode(EXIT.no);
      }),
    );
}

/** True when nothing that was asked for is missing any more. */
async function fetchFiles({ context, words, options: { wait = false } }: CommandUse<FetchOptions>): Promise<boolean> {
  const { output } = context;
  const [conversation, ...files] = words;
  const bars = createProgressBars(output, context.stderr);
  let isComplete = true;
  let count = 0;
  const onEvent = (given: unknown) => {
    const event = FetchEvent.parse(given);
    if ('transfer' in event) return bars.show(event.transfer);
    count += 1;
    if (event.outcome.outcome !== 'complete' && event.outcome.outcome !== 'deleted') isComplete = false;
    output.value(event.outcome);
    bars.ended(event.outcome.interaction, outcomeLine(event.outcome, output));
  };
  try {
    await context.call('fetch', { conversation, wait, ...(files.length > 0 && { files }) }, onEvent);
  } finally {
    bars.stop();
  }
  if (count === 0) output.remark('Nothing is missing.');
  return isComplete;
}
