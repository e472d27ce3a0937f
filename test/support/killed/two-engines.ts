/** What two devices do together, in one process: say things at once, give each other files, invite somebody. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { ConversationHandle, Engine, SentFile } from '../../../src/engine/engine.ts';
import { AccountUri } from '../../../src/ids.ts';
import { someBytes } from '../fetcher/announced-file.ts';
import { only } from '../only.ts';
import { until } from '../time/until.ts';

export const PEOPLE = ['alice', 'bob'] as const;
export type Person = (typeof PEOPLE)[number];

export interface Story {
  /** Holds the homes `alice` and `bob`, who share one conversation. */
  readonly folder: string;
  readonly bootstrap: string;
  /** Differs each time that it is told in one folder. */
  readonly round: number;
  /** Told of each commit once its device has promised to keep it. */
  readonly promise: (person: Person, commit: string) => void;
}

/** Resolves when both engines are closed and both homes hold all that was said. */
export async function tellStory({ folder, bootstrap, round, promise }: Story): Promise<void> {
  const start = (person: Person) => createEngine({ home: join(folder, person), bootstrap: [bootstrap] });
  await using alice = await start('alice');
  await using bob = await start('bob');
  const [atAlice, atBob] = [conversationOf(alice), conversationOf(bob)];
  const says = async (person: Person, saying: Promise<{ readonly id: string }>) => promise(person, (await saying).id);
  await Promise.all([
    ...['one', 'two', 'three'].map((text) => says('alice', atAlice.send(`${text}, ${round}`))),
    ...['uno', 'due'].map((text) => says('bob', atBob.send(`${text}, ${round}`))),
    says('alice', atAlice.invite(AccountUri.parse(round.toString(16).padStart(40, '0')))),
  ]);
  const files = join(folder, `files-${round}`);
  mkdirSync(files, { recursive: true });
  // One that comes alone, and one that comes with others. Pictures are fetched unasked.
  for (const size of [300_000, 20_000]) {
    const path = join(files, `${size}.png`);
    writeFileSync(path, someBytes(size, round));
    const sent = await atAlice.sendFile(path);
    promise('alice', sent.interaction.id);
    await until(() => existsSync(placeOf({ folder, person: 'bob' }, atBob, sent)));
  }
  await until(() => headOf(alice) === headOf(bob));
}

const conversationOf = (engine: Engine): ConversationHandle =>
  engine.conversations.open(only(engine.conversations.list()).conversation);
const headOf = (engine: Engine) => only(engine.conversations.list()).head;

function placeOf(
  { folder, person }: { readonly folder: string; readonly person: Person },
  { id }: ConversationHandle,
  { fileId }: SentFile,
): string {
  return join(folder, person, 'conversation_data', id, fileId);
}
