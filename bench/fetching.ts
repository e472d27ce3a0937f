/** Announcing a file with one engine and fetching it with another, by the clock. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Engine, until } from './engines.ts';

export interface AnnouncedFile {
  readonly conversation: string;
  readonly interaction: string;
  readonly fileId: string;
  /** Bytes. */
  readonly size: number;
}

const Sent = z.object({ interaction: z.string(), fileId: z.string() });
const Heads = z.object({ conversations: z.array(z.object({ conversation: z.string(), head: z.string() })) });

export interface Announcement {
  readonly conversation: string;
  readonly path: string;
  readonly size: number;
  /** Who has to know of it before this resolves. */
  readonly others: readonly Engine[];
  readonly signal: AbortSignal;
}

export async function announce(source: Engine, announcement: Announcement): Promise<AnnouncedFile> {
  const { conversation, path, size, others, signal } = announcement;
  const sent = Sent.parse(await source.call('send-file', { conversation, path }));
  const headOf = async ({ call }: Engine) =>
    Heads.parse(await call('conversations')).conversations.find((it) => it.conversation === conversation)?.head;
  const isKnown = async () => {
    const [head, ...heads] = await Promise.all([source, ...others].map(headOf));
    return heads.every((other) => other === head);
  };
  await until(isKnown, signal);
  return { conversation, size, ...sent };
}

/** When things came about, by `performance.now()`; 0 while they have not. */
export interface FetchTimes {
  readonly asked: number;
  /** Every byte is here and has the hash of its chunk: the last byte is shown as missing until the digest is known. */
  readonly allHere: number;
  /** The digest is right, and the file has its name. */
  readonly complete: number;
}

const Change = z.object({
  kind: z.string(),
  transfer: z
    .object({ interaction: z.string(), direction: z.string(), phase: z.string(), bytes: z.number() })
    .optional(),
});

/** Takes the times from what an engine tells of a file, beginning with the next time it asks for it. */
export function timesFrom({ interaction, size }: Pick<AnnouncedFile, 'interaction' | 'size'>) {
  const times = { asked: 0, begun: 0, allHere: 0, complete: 0 };
  function note(given: unknown): void {
    const { kind, transfer } = Change.parse(given);
    if (kind === 'request') times.asked ||= performance.now();
    if (times.asked === 0 || transfer?.interaction !== interaction || transfer.direction !== 'receiving') return;
    // The first that is told may still be how the file stood before.
    if (transfer.bytes < size - 1) times.begun ||= performance.now();
    if (times.begun > 0 && transfer.bytes >= size - 1) times.allHere ||= performance.now();
    if (times.begun > 0 && transfer.phase === 'complete') times.complete ||= performance.now();
  }
  return { note, times: times as FetchTimes };
}

/** Where the file lies when it is complete. */
export function pathOf({ home }: Pick<Engine, 'home'>, { conversation, fileId }: AnnouncedFile): string {
  return join(home, 'conversation_data', conversation, fileId);
}

/** Loses the file, if it is here, and gets it again. Milliseconds from the moment the engine asks for it. */
export async function fetchAgain(engine: Engine, file: AnnouncedFile, signal: AbortSignal) {
  const { conversation, interaction } = file;
  const { times, note } = timesFrom(file);
  await using _ = await engine.watch(conversation, note);
  await rm(pathOf(engine, file), { force: true });
  await engine.call('fetch', { conversation, files: [interaction], wait: true });
  await until(async () => times.complete > 0, signal);
  return { allHere: times.allHere - times.asked, complete: times.complete - times.asked };
}
