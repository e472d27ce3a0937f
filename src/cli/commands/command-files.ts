/** files, requests: what a data folder holds of the announced files, and what its device would ask for. */
import { type Command, InvalidArgumentError } from 'commander';
import { DeviceId } from '../../ids.ts';
import { action, type Surroundings } from '../context.ts';
import { SOURCE_HELP } from './command-source.ts';
import type { FilesOptions, RequestsOptions } from './show-files.ts';

const DATA_HELP = 'the folder with the files: conversation_data/<conversation>';

export function addFilesCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('files')
    .argument('<source>', SOURCE_HELP)
    .requiredOption('--data <dir>', DATA_HELP)
    .description('list every announced file and what it is here: complete, missing, partial, corrupt or deleted')
    .action(action<FilesOptions>(surroundings, async (use) => (await showFiles()).listFiles(use)));
  program
    .command('requests')
    .argument('<source>', SOURCE_HELP)
    .requiredOption('--data <dir>', DATA_HELP)
    .requiredOption('--device <id>', 'the device whose folder it is', deviceOf)
    .description('list the requests a device with that folder would make, and whom it would ask')
    .action(action<RequestsOptions>(surroundings, async (use) => (await showFiles()).listRequests(use)));
}

/** Loaded when it is needed, as `show-source.ts`. */
const showFiles = () => import('./show-files.ts');

function deviceOf(text: string): DeviceId {
  const id = DeviceId.safeParse(text);
  if (!id.success) throw new InvalidArgumentError('a device id has 64 lower-case hex digits.');
  return id.data;
}
