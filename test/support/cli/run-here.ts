/** The command line in the process of the test, with streams that remember. */
import { run } from '../../../src/cli/run.ts';
import type { OutputStream } from '../../../src/cli/terminal/output.ts';

export interface RememberingStream extends OutputStream {
  text(): string;
}

export function rememberingStream(isTTY = false): RememberingStream {
  let all = '';
  return {
    isTTY,
    text: () => all,
    write(text) {
      all += text;
    },
  };
}

export interface RunHere {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of the test's own environment shows. */
export async function runHere(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  { signal } = new AbortController(),
): Promise<RunHere> {
  const [stdout, stderr] = [rememberingStream(), rememberingStream()];
  const code = await run(args, { stdout, stderr, env, signal });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}
