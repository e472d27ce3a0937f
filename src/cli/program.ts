import { Command, Option } from 'commander';
import { addAccountCommands } from './commands/command-account.ts';
import { addConversationCommands } from './commands/command-conversation.ts';
import { addDemoCommand } from './commands/command-demo.ts';
import { addDeviceCommands } from './commands/command-device.ts';
import { addEngineCommands } from './commands/command-engine.ts';
import { addFetchCommand } from './commands/command-fetch.ts';
import { addFilesCommands } from './commands/command-files.ts';
import { addGitCommands } from './commands/command-git.ts';
import { addLimitsCommand } from './commands/command-limits.ts';
import { addMemberCommands } from './commands/command-member.ts';
import { addMessageCommands } from './commands/command-message.ts';
import { addPolicyCommand } from './commands/command-policy.ts';
import { addSourceCommands } from './commands/command-source.ts';
import { addStatusCommand } from './commands/command-status.ts';
import { addTransfersCommand } from './commands/command-transfers.ts';
import { addWhyCommand } from './commands/command-why.ts';
import { addWordCommands } from './commands/command-words.ts';
import type { Surroundings } from './context.ts';
import type { ExitCode } from './exit-code.ts';

/** That of package.json, which lies elsewhere in the sources than beside the program; a test compares the two. */
const VERSION = '0.1.0';

/** In columns; the longest command leaves as many on a terminal of 80. */
const NARROWEST_DESCRIPTION = 30;

const EXAMPLES = `
SOURCE is a conversation's work tree, a git directory, a bare repository or a .bundle.

Examples:
  $ swarmlog verify conversation.bundle
  $ swarmlog log conversation.bundle --order jami --merges --json
  $ swarmlog files conversation.bundle --data conversation_data/
  $ swarmlog init --home alice --name Alice
  $ swarmlog up --home alice --bootstrap 127.0.0.1:49737
  $ swarmlog demo

Exit codes: 0 fine, 1 the answer is no, 2 usage or unreadable, 130 stopped by Ctrl-C.`;

/** The command line. `setExitCode` is for commands whose answer is "no" without anything having failed. */
export function createProgram(surroundings: Surroundings, setExitCode: (code: ExitCode) => void): Command {
  const program = new Command('swarmlog')
    .description('Conversations as signed git logs, exchanged peer to peer, that get their lost files back.')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--json', 'values for machines on stdout: one JSON value, or one a line')
    .option('--home <dir>', 'the account directory; SWARMLOG_HOME otherwise')
    .addOption(
      new Option('--log-level <level>', 'what the engine tells on stderr').choices(['debug', 'info', 'warn', 'silent']),
    )
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: NARROWEST_DESCRIPTION })
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, 'swarmlog:')),
    })
    .showHelpAfterError('(swarmlog --help shows how to use it)')
    .exitOverride();
  program.commandsGroup('Read a recorded conversation:');
  addSourceCommands(program, surroundings, setExitCode);
  addFilesCommands(program, surroundings);
  addGitCommands(program, surroundings);
  program.commandsGroup('Accounts and devices:');
  addAccountCommands(program, surroundings);
  addDeviceCommands(program, surroundings);
  program.commandsGroup('Run an engine:');
  addEngineCommands(program, surroundings, setExitCode);
  addLimitsCommand(program, surroundings);
  program.commandsGroup('Take part in conversations:');
  addConversationCommands(program, surroundings);
  addMemberCommands(program, surroundings);
  addMessageCommands(program, surroundings);
  program.commandsGroup('Get files, and say what becomes of them:');
  addFetchCommand(program, surroundings, setExitCode);
  addStatusCommand(program, surroundings);
  addWordCommands(program, surroundings);
  addPolicyCommand(program, surroundings);
  addWhyCommand(program, surroundings);
  addTransfersCommand(program, surroundings);
  program.commandsGroup('See it work:');
  addDemoCommand(program, surroundings);
  return program;
}
