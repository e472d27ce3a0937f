/** verify, log, members, timeline: what is in a SOURCE. Reads only; needs no home, no engine, no network. */
import { type Command, Option } from 'commander';
import { action, type Surroundings } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { LogOptions } from './show-source.ts';

export const SOURCE_HELP = 'a work tree, a git directory, a bare repository or a .bundle';

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
      action(surroundings, async (use) => {
        const { verify } = await showSource();
        if (!(await verify(use))) setExitCode(EXIT.no);
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
    .action(action<LogOptions>(surroundings, async (use) => (await showSource()).log(use)));
  program
    .command('members')
    .argument('<source>', SOURCE_HELP)
    .description('list who takes part, with role and devices')
    .action(action(surroundings, async (use) => (await showSource()).listMembers(use)));
  program
    .command('timeline')
    .argument('<source>', SOURCE_HELP)
    .description('list the messages with edits, deletions, reactions and replies folded in')
    .action(action(surroundings, async (use) => (await showSource()).listTimeline(use)));
}

/** Loaded when it is needed: reading logs takes half a second of modules that the other commands do without. */
const showSource = () => import('./show-source.ts');
