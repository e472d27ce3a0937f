/** init and id: the account and device of a home. */
import type { Command } from 'commander';
import type { AccountInfo } from '../../engine/home/account.ts';
import { action, type CommandUse, type Surroundings } from '../context.ts';
import type { Output } from '../terminal/output.ts';
import { cleanText } from '../words/clean-text.ts';

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
      action(surroundings, async ({ context }) => {
        const { readAccount } = await accounts();
        printIdentity(context.output, await readAccount(context.home()));
      }),
    );
}

/** Loaded when it is needed: certificates come with a library that the other commands do without. */
const accounts = () => import('../../engine/home/account.ts');

async function init({
  context: { output, home, env, signal },
  options: { name, passwordEnv },
}: CommandUse<InitOptions>): Promise<void> {
  const path = home();
  const { createAccount } = await accounts();
  const onMakingKeys = () => output.remark('Making three RSA-4096 keys; this takes a few seconds.');
  const password = passwordEnv === undefined ? undefined : env[passwordEnv];
  const options = { name, onMakingKeys, signal, ...(password !== undefined && { password }) };
  printIdentity(output, await createAccount(path, options));
}

function printIdentity(output: Output, { uri, device, name }: AccountInfo): void {
  output.value({ uri, device, name });
  output.line(`name    ${cleanText(name)}`);
  output.line(`uri     ${uri}`);
  output.line(`device  ${device}`);
}
