/** files, requests: what a data folder holds of the announced files, and what its device would ask for. */
import { type Command, InvalidArgumentError } from 'commander';
import { readHistory } from '../conversation/history.ts';
import { createWorkerDigester } from '../fetcher/digest/worker-digester-adapter.ts';
import { type ScannedFile, scanFiles } from '../fetcher/scan-adapter.ts';
import { conversationFoundedBy, DeviceId } from '../ids.ts';
import { announcedFiles, type FileAnnouncement, files } from '../projections/files.ts';
import { type MembersState, members } from '../projections/members.ts';
import { project } from '../projections/projection.ts';
import { requestsFor } from '../projections/requests-for.ts';
import { cleanText } from './clean-text.ts';
import { SOURCE_HELP, withSource } from './command-source.ts';
import { action, type CommandContext, type CommandUse, type Surroundings, wordAt } from './context.ts';
import { humanBytes, shortId } from './human.ts';
import type { Output } from './output.ts';
import { tableLines } from './table.ts';

interface FilesOptions {
  readonly data: string;
}

interface RequestsOptions extends FilesOptions {
  readonly device: DeviceId;
}

const DATA_HELP = 'the folder with the files: conversation_data/<conversation>';

export function addFilesCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('files')
    .argument('<source>', SOURCE_HELP)
    .requiredOption('--data <dir>', DATA_HELP)
    .description('list every announced file and what it is here: complete, missing, partial, corrupt or deleted')
    .action(action<FilesOptions>(surroundings, listFiles));
  program
    .command('requests')
    .argument('<source>', SOURCE_HELP)
    .requiredOption('--data <dir>', DATA_HELP)
    .requiredOption('--device <id>', 'the device whose folder it is', deviceOf)
    .description('list the requests a device with that folder would make, and whom it would ask')
    .action(action<RequestsOptions>(surroundings, listRequests));
}

interface Scanned {
  readonly found: readonly ScannedFile<FileAnnouncement>[];
  readonly history: Awaited<ReturnType<typeof readHistory>>;
}

async function scan({ signal }: CommandContext, source: string, dataDir: string): Promise<Scanned> {
  const history = await withSource(source, (reader) => readHistory(reader, { signal }));
  await using digester = createWorkerDigester();
  const announced = announcedFiles(project(files, history));
  const found: ScannedFile<FileAnnouncement>[] = [];
  for await (const file of scanFiles({ dataDir, files: announced, digester, signal })) found.push(file);
  return { found, history };
}

async function listFiles({ context, words, options }: CommandUse<FilesOptions>): Promise<void> {
  const { output } = context;
  const { found } = await scan(context, wordAt(words, 0), options.data);
  for (const { file, state, bytes } of found) {
    const { interaction, fileId, displayName, totalSize, digest: sha3sum, author } = file;
    output.value({ interaction, fileId, displayName, totalSize, sha3sum, author, state, bytes });
  }
  const columns = [
    { title: 'STATE' },
    { title: 'HERE', align: 'right' as const },
    { title: 'SIZE', align: 'right' as const },
    { title: 'INTERACTION' },
    { title: 'NAME' },
  ];
  const rows = found.map(({ file, state, bytes }) => [
    stateInColour(state, output.colours),
    humanBytes(bytes),
    humanBytes(file.totalSize),
    shortId(file.interaction),
    cleanText(file.displayName),
  ]);
  for (const line of tableLines(columns, rows)) output.line(line);
}

export function stateInColour(state: string, { green, red, yellow, dim }: Output['colours']): string {
  if (state === 'complete') return green(state);
  if (state === 'deleted') return dim(state);
  return state === 'corrupt' ? red(state) : yellow(state);
}

async function listRequests({ context, words, options }: CommandUse<RequestsOptions>): Promise<void> {
  const { output } = context;
  const { found, history } = await scan(context, wordAt(words, 0), options.data);
  const [first] = history;
  if (!first) return;
  const complete = new Set(found.filter(({ state }) => state === 'complete').map(({ file }) => file.interaction));
  const membersState: MembersState = project(members, history);
  const requests = requestsFor({
    conversation: conversationFoundedBy(first.id),
    files: project(files, history),
    members: membersState,
    device: options.device,
    isComplete: (interaction) => complete.has(interaction),
  });
  const names = new Map(found.map(({ file }) => [file.interaction, file.displayName]));
  for (const request of requests) {
    output.value(request);
    const whom = request.to.length > 0 ? request.to.map(shortId).join(', then ') : 'nobody: no other device is known';
    output.line(`ask for ${shortId(request.interaction)} ${cleanText(names.get(request.interaction) ?? '')}: ${whom}`);
  }
  if (requests.length === 0) output.remark('Nothing is missing.');
}

function deviceOf(text: string): DeviceId {
  const id = DeviceId.safeParse(text);
  if (!id.success) throw new InvalidArgumentError('a device id has 64 lower-case hex digits.');
  return id.data;
}
