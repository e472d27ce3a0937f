/** What a person at a terminal is asked, on a terminal of Python's making. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/cli/built-program.ts';
import { placeAccount } from '../support/identity/accounts.ts';
import { describeNeeding, python } from '../support/runner/needs.ts';

const CLI = resolve(import.meta.dirname, '../../dist/main.js');
/** Types each password once it is asked for one; prints what the terminal showed. */
const TYPIST = `
import os, pty, re, sys
passwords, command = sys.argv[1].split(","), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown = b""
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    shown += read
    if passwords and read.endswith(b": "):
        os.write(terminal, passwords.pop(0).encode() + b"\\n")
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

describeNeeding(python, 'the password that a person is asked for', () => {
  const folder = temporaryFolder();
  afterAll(() => folder[Symbol.dispose]());

  async function typed(passwords: readonly string[], ...words: readonly string[]) {
    const run = promisify(execFile)('python3', ['-c', TYPIST, passwords.join(','), process.execPath, CLI, ...words]);
    return await run.then(
      ({ stdout }) => ({ code: 0, shown: stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, shown: stdout }),
    );
  }

  it('is asked twice when it is new, is never shown, and has to be the same', async () => {
    const home = join(folder.path, 'alice');
    await placeAccount(home, 'alice');
    const file = join(folder.path, 'alice.account');
    const slipped = await typed(['correct horse', 'correct house'], 'device', 'export', file, '--home', home);
    expect(slipped.code).toBe(2);
    expect(slipped.shown).toContain('The two passwords differ');
    expect(existsSync(file)).toBe(false);

    const made = await typed(['correct horse', 'correct horse'], 'device', 'export', file, '--home', home);
    expect(made).toMatchObject({ code: 0, shown: expect.stringContaining('The same again: ') });
    expect(slipped.shown + made.shown).not.toMatch(/correct/);

    const [phone, other] = [join(folder.path, 'phone'), join(folder.path, 'other')];
    expect((await typed(['correct horse'], 'device', 'import', file, '--home', phone)).code).toBe(0);
    expect((await typed(['wrong horse'], 'device', 'import', file, '--home', other)).code).not.toBe(0);
    expect(existsSync(other)).toBe(false);
  });
});
