/**
 * An engine by the library, as it is installed, which the control socket of its home reaches like any other, and which reads files
 * while they come when it is told to. Arguments: the home, then where to bootstrap from.
 */
import { rm } from 'node:fs/promises';
import process from 'node:process';
import * as z from 'zod';
import { CommitId, ConversationId } from '../src/ids.ts';
import { timesFrom } from './fetching.ts';
import { installed } from './installed.ts';

const { createEngine } = await installed<typeof import('../src/index.ts')>('index');
const { createControlHandler } = await installed<typeof import('../src/engine/control/control-methods.ts')>(
  'engine/control/control-methods',
);
const { serveControl } = await installed<typeof import('../src/engine/control/serve-control-adapter.ts')>(
  'engine/control/serve-control-adapter',
);

const READ_MS = 60_000;
const ToRead = z.object({ conversation: ConversationId, interaction: CommitId, path: z.string(), size: z.number() });

const [home = '', bootstrap = ''] = process.argv.slice(2);
const engine = await createEngine({ home, bootstrap: [bootstrap], host: '127.0.0.1' });
const control = await serveControl(home, createControlHandler(engine));
process.on('message', (message) => void read(ToRead.parse(message)));
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => void stop());
process.stdout.write(`${JSON.stringify({ uri: engine.account.uri })}\n`);

async function read({ conversation, interaction, path, size }: z.infer<typeof ToRead>): Promise<void> {
  const handle = engine.conversations.open(conversation);
  const { note, times } = timesFrom({ interaction, size });
  const changes = handle.changes({ signal: AbortSignal.timeout(READ_MS) });
  const isComplete = (async () => {
    for await (const change of changes) {
      note(change);
      if (times.complete > 0) return;
    }
  })();
  await rm(path, { force: true });
  for await (const _ of handle.openReadStream(interaction));
  const taken = performance.now();
  await isComplete;
  process.send?.({ allHere: times.allHere - times.asked, taken: taken - times.asked });
}

async function stop(): Promise<void> {
  await control[Symbol.asyncDispose]();
  await engine.close();
  process.exit();
}
