/**
 * A file fetched from another engine, from the request on: until the verified file has its name; and, while somebody reads
 * it, until every byte is here and checked, and until the reader has taken it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startReading } from './engines.ts';
import { announce, fetchAgain, pathOf } from './fetching.ts';
import type { Benchmark } from './figure.ts';
import { replaceBitByBit } from './page-memory.ts';
import { startPlainTls } from './plain-tls.ts';
import { against, inTurn } from './rounds.ts';
import { hashSeeded, MiB, writeSeededFile } from './seeded-file.ts';

const ALONE = 'SHA3-512 alone on one thread';
const PLAIN = 'plain TLS 1.3, written and hashed in a worker';

/** Engines run for days: how fast one is in its first minute, while code is still being compiled, is told as a fact beside it. */
const ROUNDS = { counted: 7, warming: 4 };

export const benchTransfer: Benchmark = async ({ quick, signal }) => {
  const size = quick ? 4 * MiB : 256 * MiB;
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    const path = join(folder, 'seeded.bin');
    await writeSeededFile(path, size);
    await using plain = await startPlainTls(folder, path, size);
    await using engines = await startReading(folder, signal);
    const { left, right, conversation } = engines;
    const file = await announce(left, { conversation, path, size, others: [right], signal });
    const toRead = { ...file, path: pathOf(right, file) };
    const away = join(folder, 'old.bin');
    const replacing = () => replaceBitByBit({ old: toRead.path, away, next: `${toRead.path}.tmp` });
    const fetchAlone = async () => {
      await using _ = await replacing();
      return await fetchAgain(right, file, signal);
    };
    const fetchAndRead = async () => {
      await using _ = await replacing();
      return await right.readAgain(toRead);
    };
    const delays: number[] = [];
    const completes: number[] = [];
    const rounds = await inTurn(quick ? { counted: 1, warming: 0 } : ROUNDS, async () => {
      await right.loopDelay();
      const { allHere, complete } = await fetchAlone();
      completes.push(rate(size, complete));
      const read = await fetchAndRead();
      delays.push(await right.loopDelay());
      return {
        complete: rate(size, complete),
        allHere: rate(size, allHere),
        readable: rate(size, read.allHere),
        taken: rate(size, read.taken),
      };
    }, [async () => hashSeeded(size), plain.run]);
    const compared = (what: typeof ALONE | typeof PLAIN, ours: 'complete' | 'allHere' | 'readable' | 'taken') =>
      against(
        what,
        rounds.map((round) => ({ ours: round.ours[ours], bare: round.bare[what === ALONE ? 0 : 1] ?? 0 })),
      );
    const facts = { bytes: size, path: 'TCP, TLS 1.3, loopback' };
    const first = { firstOfBothProcesses: Math.round(completes[0] ?? 0) };
    return [
      { name: 'transfer, complete', unit: 'MiB/s', ...compared(ALONE, 'complete'), facts: { ...facts, ...first } },
      { name: 'transfer, complete', unit: 'MiB/s', ...compared(PLAIN, 'complete'), facts },
      { name: 'transfer, all here', unit: 'MiB/s', ...compared(ALONE, 'allHere'), facts },
      { name: 'transfer, readable, with a reader', unit: 'MiB/s', ...compared(ALONE, 'readable'), facts },
      { name: 'transfer, taken by the reader', unit: 'MiB/s', ...compared(ALONE, 'taken'), facts },
      { name: 'transfer, event loop p99', unit: 'ms late', ours: Math.max(...delays), facts },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

function rate(bytes: number, milliseconds: number): number {
  return ((bytes / MiB) * 1000) / milliseconds;
}
