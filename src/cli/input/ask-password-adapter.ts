import process from 'node:process';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { SyncError } from '../../errors.ts';

/** Asks on the terminal; nothing of what is typed is shown. Throws CANCELLED on Ctrl-C and Ctrl-D, and the signal's reason. */
export async function askPassword(question: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // As a terminal, readline takes the echo over from the system, and lets it go nowhere.
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(`${question}: `);
  try {
    return await new Promise((resolve, reject) => {
      const giveUp = () => reject(new SyncError('CANCELLED', { what: 'The question for a password' }));
      lines.once('line', resolve);
      lines.once('SIGINT', giveUp);
      lines.once('close', giveUp);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
