import { readFile } from 'node:fs/promises';

/** Of a process, in MiB, as Linux tells it. */
export async function residentMemory(pid: number): Promise<number> {
  const [, kilobytes = '0'] = /^VmRSS:\s+([0-9]+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
