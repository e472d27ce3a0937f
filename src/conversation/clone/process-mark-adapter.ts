/**
 * Which process something belongs to, as a word that fits into a file's name: `<place>-<process id>-<start>`. Process ids
 * are given out again, and mean something within one machine or container only; hence the other two.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { errorCodeOf } from '../../error-code.ts';

const MARK = /^([0-9a-f]{8})-([0-9]{1,10})-([0-9a-f]{8})$/;
/** Of `/proc/<id>/stat`, counted from what follows the program's name in brackets. */
const STARTED_AT_FIELD = 19;

/** The mark of this process. */
export function ownMark(): string {
  return [placeMark(), process.pid, startMark(process.pid) ?? short('')].join('-');
}

/** True when the process of that mark has certainly ended; false when it lives, or when nobody here can tell. */
export function isOfEndedProcess(mark: string): boolean {
  const [, place, id, start] = MARK.exec(mark) ?? [];
  if (place !== placeMark()) return false;
  const pid = Number(id);
  if (!exists(pid)) return true;
  const now = startMark(pid);
  return now !== undefined && now !== start;
}

/** The machine or container within which a process id stands for one process. */
function placeMark(): string {
  return short(`${hostname()} ${attempt(() => readlinkSync('/proc/self/ns/pid'))}`);
}

/** When the process began, to tell it from a later one of the same id; undefined where the system does not say. */
function startMark(pid: number): string | undefined {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'));
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const startedAt = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[STARTED_AT_FIELD];
  return boot === undefined || startedAt === undefined ? undefined : short(`${boot} ${startedAt}`);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Anything else means that there is one, of another user.
    return errorCodeOf(error) !== 'ESRCH';
  }
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
