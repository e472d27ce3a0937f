/** The disk of one simulated device: what is on it, what is on its way there, and what a crash leaves. */
import type { Repository } from '../../src/conversation/repository/repository.ts';
import type { Journal } from '../../src/engine/journal/journal.ts';
import { JournalRecord } from '../../src/events/journal-record.ts';
import type { CommitId } from '../../src/ids.ts';
import type { Random } from '../../src/ports.ts';
import { fingerprintOf } from '../support/engine/memory-journal.ts';
import type { Agenda } from './agenda.ts';
import { createStoredObjects, type StoredObjects, simulatedRepository } from './repository.ts';

/** Makes a change that survives a crash once it is done; resolves then. */
export type Flush = <Result>(change: () => Result) => Promise<Result>;

/** What one run of a device does with its disk. After a crash nothing it still does arrives, and nothing it waits for comes. */
export interface OpenDisk {
  readonly journal: Journal;
  /** The conversation's, when there is one. */
  repository(): Repository | undefined;
  /** An empty one, which `place` makes the conversation's. */
  createRepository(): Repository & { place(): Promise<void> };
}

export interface SimulatedDisk {
  open(): OpenDisk;
  /** Of what is on its way to the disk, some still gets there. */
  crash(): void;
}

export interface DiskOptions {
  readonly agenda: Agenda;
  readonly random: Random;
  /** The longest that a change takes, in milliseconds. */
  readonly slowness: number;
  /** Told of each head that survives whatever happens from now on. */
  onHead(head: CommitId): void;
}

export function createSimulatedDisk({ agenda, random, slowness, onHead }: DiskOptions): SimulatedDisk {
  const lines: string[] = [];
  const underWay = new Set<{ finish(): void; strike(): void }>();
  let placed: StoredObjects | undefined;
  let opened = 0;

  function flushing(run: number): Flush {
    return (change) =>
      new Promise((resolve, reject) => {
        if (run !== opened) return;
        const finish = () => {
          underWay.delete(entry);
          try {
            resolve(change());
          } catch (error) {
            reject(error);
          }
        };
        const entry = { finish, strike: agenda.after(random.below(slowness + 1), finish) };
        underWay.add(entry);
      });
  }

  return {
    open() {
      opened += 1;
      const flush = flushing(opened);
      return {
        journal: journalOver(lines, flush),
        repository: () => placed && simulatedRepository(placed, { flush, onHead }),
        createRepository() {
          const stored = createStoredObjects();
          const place = () =>
            flush(() => {
              placed = stored;
              if (stored.head) onHead(stored.head);
            });
          return { ...simulatedRepository(stored, { flush, onHead: () => {} }), place };
        },
      };
    },
    crash() {
      opened += 1;
      for (const { finish, strike } of [...underWay]) {
        strike();
        if (random.below(2) === 0) finish();
      }
      underWay.clear();
    },
  };
}

function journalOver(lines: string[], flush: Flush): Journal {
  return {
    get length() {
      return lines.length;
    },
    append: (records) => flush(() => lines.push(...records.map((record) => JSON.stringify(record))) - records.length),
    async *read(from) {
      for (const [position, line] of lines.slice().entries())
        if (position >= from) yield { position, record: JournalRecord.parse(JSON.parse(line)) };
    },
    fingerprint: async (length) => fingerprintOf(lines.slice(0, length)),
    async flush() {},
    async close() {},
    async [Symbol.asyncDispose]() {},
  };
}
