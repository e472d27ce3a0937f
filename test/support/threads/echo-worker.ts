/** A worker that says what it hears and which thread it is, until it hears 'exit'. */
import { parentPort, threadId } from 'node:worker_threads';

export interface Echo {
  readonly text: string;
  readonly threadId: number;
}

parentPort?.on('message', (text: string) => {
  if (text === 'exit') process.exit(7);
  parentPort?.postMessage({ text, threadId } satisfies Echo);
});
