/** init and id: the account and device of a home. */
import type { Command } from 'commander';
import { nodeClock, nodeRandom } from '../engine/node-ports-adapter.ts';
import { createAccountIn, loadDeviceKeys } from '../identity/account-store-adapter.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import { cleanText } from './clean-text.ts';
import { contextOf, type Surroundings } from './context.ts';
import type { Output } from './output.ts';

export function addAccountCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('init')
    .description('make an account and its first device in a new home')
    .requiredOption('--name <name>', 'what people see')
    .option('--password-env <variable>', "the environment variable that holds a password for the account's keys")
    .addHelpText('after', '\nExample:\n  $ swarmlog init --home alice --name Alice')
    .action(async (options: { name: string; passwordEnv?: string }, command: Command) => {
      const { output, home, env } = contextOf(command, surroundings);
      const path = home();
      output.remark('Making three RSA-4096 keys; this takes a few seconds.');
      const password = options.passwordEnv === undefined ? undefined : env[options.passwordEnv];
      const keys = await createAccountIn(path, {
        name: options.name,
        ...(password !== undefined && { password }),
        clock: nodeClock,
        random: nodeRandom,
      });
      printIdentity(output, keys);
    });
  program
    .command('id')
    .description('print the account and device of a home')
    .action(async (_: object, command: Command) => {
      const { output, home } = contextOf(command, surroundings);
      printIdentity(output, await loadDeviceKeys(home()));
    });
}

function printIdentity(output: Output, { account: uri, device, name }: DeviceKeys): void {
  output.value({ uri, device, name });
  output.line(`name    ${cleanText(name)}`);
  output.line(`uri     ${uri}`);
  output.line(`device  ${device}`);
}
