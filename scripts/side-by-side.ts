/**
 * Runs the named npm scripts beside one another, one for each core, the first named first. Prints what each said when it
 * has ended, so that nothing is mixed; exits 1 when one of them failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

const waiting = process.argv.slice(2);
const failed: string[] = [];

async function run(script: string): Promise<void> {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) failed.push(script);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${said}${script}: ${code === 0 ? 'fine' : 'FAILED'} after ${seconds} s\n`);
}

async function runOnOneCore(): Promise<void> {
  for (let script = waiting.shift(); script !== undefined; script = waiting.shift()) await run(script);
}

await Promise.all(Array.from({ length: availableParallelism() }, runOnOneCore));
if (failed.length > 0) process.stdout.write(`failed: ${failed.join(', ')}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
