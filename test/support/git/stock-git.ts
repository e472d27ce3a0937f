/** The git of the machine, deaf to its owner's configuration. Tests that use it are in a `describeNeeding(stockGit, …)`. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Alice',
  GIT_AUTHOR_EMAIL: 'alice@example.org',
  GIT_COMMITTER_NAME: 'Alice',
  GIT_COMMITTER_EMAIL: 'alice@example.org',
};

export interface GitOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing goes on behind the test's back once a command has ended. */
const SETTINGS = ['safe.directory=*', 'gc.auto=0', 'maintenance.auto=false'].flatMap((setting) => ['-c', setting]);

/** Rejects with the command's messages when git does not end with 0. */
export async function git(directory: string, ...words: readonly string[]): Promise<GitOutput> {
  return run('git', ['-C', directory, ...SETTINGS, ...words], {
    env: ENVIRONMENT,
    maxBuffer: 256 * 1024 * 1024,
  });
}

/** What git finds wrong with a repository; empty when it is clean. Commits that no reference leads to are no fault. */
export async function fsck(directory: string): Promise<string> {
  const { stdout, stderr } = await git(directory, 'fsck', '--full', '--strict', '--no-dangling');
  return `${stdout}${stderr}`.replace(/^(notice: .*|Checking .*)\n/gm, '');
}
