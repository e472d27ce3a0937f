/** What files and requests print. */
import { stat } from 'node:fs/promises';
import { readHistory } from '../../conversation/log/history.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { createWorkerDigester } from '../../fetcher/digest/worker-digester-adapter.ts';
import { lookAt } from '../../fetcher/disk/look-adapter.ts';
import { type ScannedFile, scanFiles } from '../../fetcher/disk/scan.ts';
import { type CommitId, conversationFoundedBy, type DeviceId } from '../../ids.ts';
import { announcedFiles, type FileAnnouncement, files } from '../../projections/files.ts';
import { type MembersState, members } from '../../projections/members.ts';
import { requestsFor } from '../../projections/plan/requests-for.ts';
import { project } from '../../projections/projection.ts';
import { type CommandContext, type CommandUse, wordAt } from '../context.ts';
import type { Output } from '../terminal/output.ts';
import { tableLines } from '../terminal/table.ts';
import { withSource } from '../with-source.ts';
import { cleanText } from '../words/clean-text.ts';
import { humanBytes, shortId } from '../words/human.ts';

export interface FilesOptions {
  readonly data: string;
}

export interface RequestsOptions extends FilesOptions {
  readonly device: DeviceId;
}

interface Scanned {
  readonly found: readonly ScannedFile<FileAnnouncement>[];
  readonly history: Awaited<ReturnType<typeof readHistory>>;
}

async function scan({ signal }: CommandContext, source: string, dataDir: string): Promise<Scanned> {
  await checkFolder(dataDir);
  const history = await withSource(source, { signal }, (reader) => readHistory(reader, { signal }));
  await using digester = createWorkerDigester();
  const announced = [...announcedFiles(project(files, history))];
  const found = new Map<CommitId, ScannedFile<FileAnnouncement>>();
  // Nothing else runs here that a look could keep waiting.
  const disk = { look: async (paths: readonly string[]) => lookAt(paths) };
  for await (const some of scanFiles({ dataDir, files: announced, disk, digester, signal })) {
    for (const one of some) found.set(one.file.interaction, one);
  }
  return { found: announced.flatMap(({ interaction }) => found.get(interaction) ?? []), history };
}

/** A mistyped folder would make every file look lost. */
async function checkFolder(path: string): Promise<void> {
  const folder = await stat(path).catch((error: unknown) => {
    throw fileFailure(path, error);
  });
  if (!folder.isDirectory()) throw new SyncError('FILE_FAILED', { path, detail: 'it is no folder' });
}

export async function listFiles({ context, words, options }: CommandUse<FilesOptions>): Promise<void> {
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

export async function listRequests({ context, words, options }: CommandUse<RequestsOptions>): Promise<void> {
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
