/** Where a command's words go: values for machines or lines for people on stdout, everything else on stderr. */
import pc from 'picocolors';

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** How wide the terminal is. */
  readonly columns?: number;
}

export interface Output {
  /** `--json`: only values go to stdout. */
  readonly isJson: boolean;
  /** Both streams lead to a terminal: bars may be drawn. */
  readonly isTerminal: boolean;
  readonly colours: ReturnType<typeof pc.createColors>;
  /** One JSON line, with `--json`. */
  value(value: unknown): void;
  /** One line for a person, without `--json`. */
  line(text?: string): void;
  /** A remark on stderr, in both cases. */
  remark(text: string): void;
  /** A failure on stderr. */
  failure(text: string): void;
}

export function createOutput(options: {
  json: boolean;
  stdout: OutputStream;
  stderr: OutputStream;
  env: NodeJS.ProcessEnv;
}): Output {
  const { json, stdout, stderr, env } = options;
  const isTerminal = Boolean(stdout.isTTY && stderr.isTTY) && env['TERM'] !== 'dumb';
  const colours = pc.createColors(wantsColour(env, isTerminal));
  return {
    isJson: json,
    isTerminal,
    colours,
    value: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    line: (text = '') => {
      if (!json) stdout.write(`${text}\n`);
    },
    remark: (text) => stderr.write(`${colours.dim(text)}\n`),
    failure: (text) => stderr.write(`${colours.red('swarmlog:')} ${text}\n`),
  };
}

/** `FORCE_COLOR` has the last word, `FORCE_COLOR=0` as well. */
function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced) return forced !== '0' && forced !== 'false';
  return isTerminal && !env['NO_COLOR'];
}
