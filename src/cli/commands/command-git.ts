/** git-serve and clone: conversations over git's own protocol, for people who have git and no account. */
import type { Command } from 'commander';
import { action, type Surroundings } from '../context.ts';
import { parsePort } from './command-options.ts';
import { SOURCE_HELP } from './command-source.ts';
import type { GitServeOptions } from './run-git.ts';

export function addGitCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('git-serve')
    .argument('<source>', `${SOURCE_HELP}; with --home, the id of a conversation`)
    .description('serve a conversation to any git, read-only, until Ctrl-C')
    .option('--port <n>', 'the TCP port; a free one otherwise', parsePort, 0)
    .option(
      '--host <ip>',
      'the address to listen on, or "any"; whoever reaches it can read the conversation',
      '127.0.0.1',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ swarmlog git-serve conversation.bundle\n  $ git clone git://127.0.0.1:PORT/ID',
    )
    .action(action<GitServeOptions>(surroundings, async (use) => (await runGit()).serveSource(use)));
  program
    .command('clone')
    .argument('<url>', 'git://HOST[:PORT]/PATH, of git-serve or any git daemon')
    .argument('<directory>', 'a new folder, or an empty one')
    .description('clone a conversation and judge every commit; nothing is left of one that breaks a rule')
    .addHelpText(
      'after',
      '\nExample:\n  $ swarmlog clone git://127.0.0.1:9418/7441dda84fc82e4dc62083604dd16b7e3cf934ed copy',
    )
    .action(action(surroundings, async (use) => (await runGit()).cloneSource(use)));
}

/** Loaded when it is needed. */
const runGit = () => import('./run-git.ts');
