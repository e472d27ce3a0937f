import { readdir, readFile } from 'node:fs/promises';

/** Of all threads of this process, the least nice first. Linux only: proc(5), field 19 of `stat`. */
export async function nicenessOfThreads(): Promise<readonly number[]> {
  const niceness: number[] = [];
  for (const thread of await readdir('/proc/self/task')) {
    // A thread may have ended meanwhile.
    const stat = await readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => undefined);
    const fromThird = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fromThird) niceness.push(Number(fromThird[16]));
  }
  return niceness.sort((a, b) => a - b);
}
