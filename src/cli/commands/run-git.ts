/** What git-serve and clone do. */
import { existsSync } from 'node:fs';
import type { CloneProgress } from '../../conversation/clone/take-history.ts';
import type { ServedConnection } from '../../conversation/sync/git-daemon-adapter.ts';
import { cloneFrom } from '../../engine/commits/clone-from.ts';
import { serveGit } from '../../engine/commits/serve-git.ts';
import { conversationDirectory } from '../../engine/home/home-adapter.ts';
import { SyncError } from '../../errors.ts';
import { ConversationId } from '../../ids.ts';
import { type CommandContext, type CommandUse, wordAt } from '../context.ts';
import { ended } from '../ended.ts';
import { createStatusLine } from '../terminal/status-line.ts';
import { cleanText } from '../words/clean-text.ts';
import { humanBytes } from '../words/human.ts';

export interface GitServeOptions {
  readonly port: number;
  readonly host: string;
}

export async function serveSource({ context, words, options }: CommandUse<GitServeOptions>): Promise<void> {
  const { output, signal } = context;
  const onServed = (connection: ServedConnection) => output.remark(servedLine(connection));
  await using server = await serveGit(sourceOf(context, wordAt(words, 0)), { ...options, signal, onServed });
  const { url, urls, conversation, head } = server;
  output.value({ url, urls, conversation, head });
  for (const one of urls) output.line(one);
  output.remark('Read-only; Ctrl-C ends it.');
  await ended(signal);
}

/** A conversation's id, where no path is called so, stands for its repository in the home. */
function sourceOf(context: CommandContext, word: string): string {
  const conversation = ConversationId.safeParse(word).data;
  if (conversation === undefined || existsSync(word)) return word;
  const path = conversationDirectory(context.home(), conversation);
  if (!existsSync(path)) throw new SyncError('CONVERSATION_UNKNOWN', { conversation });
  return path;
}

function servedLine({ from, sentBytes, failure }: ServedConnection): string {
  const sent = `${from}  ${humanBytes(sentBytes)} sent`;
  return failure ? `${sent}; ${cleanText(failure.message)}` : sent;
}

export async function cloneSource({ context, words }: CommandUse<object>): Promise<void> {
  const { output, signal } = context;
  const [url, directory] = [wordAt(words, 0), wordAt(words, 1)];
  const status = createStatusLine(output, context.stderr);
  try {
    const cloned = await cloneFrom(url, directory, {
      signal,
      onProgress: (progress) => status.show(progressLine(progress)),
    });
    status.clear();
    output.value({ ...cloned, directory });
    output.line(`${cloned.conversation}  ${cloned.commits} commits, all of them judged, in ${cleanText(directory)}`);
  } finally {
    status.clear();
  }
}

function progressLine(progress: CloneProgress): string {
  if (progress.phase === 'receiving') return `receiving  ${humanBytes(progress.bytes)}`;
  return `judging  ${progress.judged} of ${progress.commits} commits`;
}
