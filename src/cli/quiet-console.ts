import { Console } from 'node:console';
import { Writable } from 'node:stream';

/**
 * From here on the packages that this program uses print nothing by themselves, as isomorphic-git does about what it cannot
 * check out. What fails comes as an error as well, and is told in this program's words.
 */
export function quietConsole(): void {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  globalThis.console = new Console({ stdout: nowhere, stderr: nowhere });
}
