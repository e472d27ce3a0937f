/** init and id: the account and device of a home. */
import type { Command } from 'commander';
import { nodeClock, nodeRandom } from '../engine/node-ports-adapter.ts';
import { createAccountIn, loadDeviceKeys } from '../identity/account-store-adapter.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import { cleanText } from './clean-text.ts';
import { action, type CommandUse, type Surroundings } from './context.ts';
import type { Output } from './output.ts';

interface InitOptions {
  readonly name: string;
  readonly passwordEnv?: string;
}

export function addAccountCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('init')
    .description('make an account and its first device in a new home')
    .requiredOption('--name <name>', 'what people see')
    .option('--password-env <variable>', "the environment variable that holds a password for the account's keys")
    .addHelpText('after', '\nExample:\n  $ swarmlog init --home alice --name Alice')
    .action(action<InitOptions>(surroundings, init));
  program
    .command('id')
    .description('print the account and device of a home')
    .action(
      action(surroundings, async ({ context }) =>
        printIdentity(context.output, await loadDeviceKeys(context.home(), { now: nodeClock.now() })),
      ),
    );
}

async function init({
  context: { output, home, env },
  options: { name, passwordEnv },
}: CommandUse<InitOptions>): Promise<void> {
  const path = home();
  output.remark('Making three RSA-4096 keys; this takes a few seconds.');
  const password = passwordEnv === undefined ? undefined : env[passwordEnv];
  const now = nodeClock.now();
  printIdentity(
    output,
    await createAccountIn(path, { name, ...(password !== undefined && { password }), now, random: nodeRandom }),
  );
}

function printIdentity(output: Output, { account: uri, device, name }: DeviceKeys): void {
  output.value({ uri, device, name });
  output.line(`name    ${cleanText(name)}`);
  output.line(`uri     ${uri}`);
  output.line(`device  ${device}`);
}
