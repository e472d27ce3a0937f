/** device export, import, list, revoke: the devices of an account. */
import type { Command } from 'commander';
import type { OwnDevice } from '../../engine/home/own-devices.ts';
import { isSyncError, SyncError } from '../../errors.ts';
import { DeviceId } from '../../ids.ts';
import { action, type CommandUse, type Surroundings, wordAt } from '../context.ts';
import { readPassword, withAccountPassword } from '../input/read-password.ts';
import { cleanText } from '../words/clean-text.ts';

interface ExportOptions {
  readonly passwordFile?: string;
  readonly accountPasswordFile?: string;
  readonly bootstrap?: readonly string[];
}

interface RevokeOptions {
  readonly accountPasswordFile?: string;
  readonly unseen?: boolean;
}

const PASSWORD_FILE = [
  '--password-file <file>',
  'the file whose first line is the password of the exported account',
] as const;
const ACCOUNT_PASSWORD_FILE = [
  '--account-password-file <file>',
  "the file whose first line is the password of the home's sealed keys",
] as const;

export function addDeviceCommands(program: Command, surroundings: Surroundings): void {
  const device = program.command('device').description('the devices of an account: export, import, list, revoke');
  device
    .command('export')
    .argument('<file>')
    .description('write the account into a new file, sealed under a password, for another device')
    .option(...PASSWORD_FILE)
    .option(...ACCOUNT_PASSWORD_FILE)
    .option('--bootstrap <host:port...>', 'DHT nodes for the other device to start from')
    .addHelpText('after', '\nExample:\n  $ swarmlog device export --home alice alice.account')
    .action(action<ExportOptions>(surroundings, exportTo));
  device
    .command('import')
    .argument('<file>')
    .description('make a new home for a new device of an exported account')
    .option(...PASSWORD_FILE)
    .addHelpText('after', '\nExample:\n  $ swarmlog device import alice.account --home alice-phone')
    .action(action<ExportOptions>(surroundings, importFrom));
  device
    .command('list')
    .description("list the account's devices that are known here")
    .action(action(surroundings, list));
  device
    .command('revoke')
    .argument('<device>', 'its id; the beginning is enough for a device that is known here')
    .description('take a device out of the account, for good')
    .option(...ACCOUNT_PASSWORD_FILE)
    .option('--unseen', 'it was never seen here: its whole id is taken for what it is')
    .action(action<RevokeOptions>(surroundings, revoke));
}

/** Loaded when it is needed: certificates come with a library that the other commands do without. */
const moving = () => import('../../engine/home/move-account.ts');
const owned = () => import('../../engine/home/own-devices.ts');

async function exportTo({ context, words, options }: CommandUse<ExportOptions>): Promise<void> {
  const file = wordAt(words, 0);
  const { exportAccount } = await moving();
  const password = await readPassword(context, {
    ...{ file: options.passwordFile, question: `A password for ${file}`, option: '--password-file FILE', isNew: true },
  });
  const { bootstrap } = options;
  await withAccountPassword(context, options.accountPasswordFile, (accountPassword) =>
    exportAccount(context.home(), file, {
      ...{ password, signal: context.signal },
      ...(accountPassword !== undefined && { accountPassword }),
      ...(bootstrap && { bootstrap }),
    }),
  );
  context.output.value({ file });
  context.output.line(
    `exported to ${file}; who has it and the password is this account, so take it away when it was used`,
  );
}

async function importFrom({ context, words, options }: CommandUse<ExportOptions>): Promise<void> {
  const [file, home] = [wordAt(words, 0), context.home()];
  const { importAccount } = await moving();
  const question = `The password of ${file}`;
  const password = await readPassword(context, {
    ...{ file: options.passwordFile, question, option: '--password-file FILE' },
  });
  const onMakingKeys = () => context.output.remark('Making an RSA-4096 key; this takes a second or two.');
  const imported = await importAccount(home, file, { password, onMakingKeys, signal: context.signal });
  const { uri, device, name, conversations, bootstrap } = imported;
  context.output.value(imported);
  context.output.line(`name           ${cleanText(name)}`);
  context.output.line(`uri            ${uri}`);
  context.output.line(`device         ${device}`);
  context.output.line(`conversations  ${conversations}, to be fetched`);
  const start = bootstrap.length > 0 ? bootstrap.map(cleanText).join(' ') : 'HOST:PORT';
  context.output.remark(`Next: swarmlog up --home ${home} --bootstrap ${start}`);
}

async function list({ context: { output, home } }: CommandUse<object>): Promise<void> {
  const { listDevices } = await owned();
  for (const one of await listDevices(home())) {
    output.value(one);
    const marks = [...(one.isThis ? ['this device'] : []), ...(one.isRevoked ? ['revoked'] : [])];
    output.line(`${one.device}${marks.length > 0 ? `  ${marks.join(', ')}` : ''}`);
  }
}

async function revoke({ context, words, options }: CommandUse<RevokeOptions>): Promise<void> {
  const { listDevices, revokeDevice } = await owned();
  const home = context.home();
  const devices = await listDevices(home);
  const device = oneDevice(wordAt(words, 0), devices);
  await withAccountPassword(context, options.accountPasswordFile, (password) =>
    revokeDevice(home, device, { isUnseen: options.unseen ?? false, ...(password !== undefined && { password }) }),
  );
  const isTold = await context.call('take-revocations').then(
    () => true,
    (error: unknown) => {
      if (isSyncError(error, 'ENGINE_NOT_RUNNING')) return false;
      throw error;
    },
  );
  context.output.value({ device, isTold });
  context.output.line(`revoked ${device}`);
  if (!devices.some((one) => one.device === device))
    context.output.remark('It was never seen here: it is turned away, by its id, when it shows up.');
  if (!isTold) context.output.remark('No engine runs on this home; others hear of it when one does.');
}

/** A device that was never seen here can only be named in full; whether it may be one is not for the id to say. */
function oneDevice(beginning: string, devices: readonly OwnDevice[]): DeviceId {
  const found = devices.filter(({ device }) => device.startsWith(beginning.toLowerCase()));
  if (found.length > 1)
    throw new SyncError('USAGE', { detail: `${found.length} devices begin with ${beginning}; give more of the id.` });
  const device = found[0]?.device ?? DeviceId.safeParse(beginning.toLowerCase()).data;
  if (!device)
    throw new SyncError('DEVICE_UNKNOWN', {
      device: beginning,
      known: devices.filter((one) => !one.isRevoked).map((one) => one.device),
    });
  return device;
}
