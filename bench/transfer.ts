/** A file fetched from another engine, from the request to the verified file under its name, against hashing its bytes. */
import { createCipheriv, createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Engines, startEngines, until } from './engines.ts';
import type { Benchmark } from './figure.ts';
import { compare } from './rounds.ts';

const MiB = 1024 * 1024;
const PIECE_BYTES = MiB;

export const benchTransfer: Benchmark = async ({ quick, signal }) => {
  const size = quick ? MiB : 256 * MiB;
  const folder = await mkdtemp(join(tmpdir(), 'swarmlog-bench-'));
  try {
    const path = join(folder, 'seeded.bin');
    await writeSeededFile(path, size);
    await using engines = await startEngines(folder, signal);
    const file = await announce(engines, path, signal);
    const measured = await compare({
      rounds: quick ? 1 : 5,
      ours: () => fetchAgain(engines, { ...file, size }, signal),
      baseline: { what: 'SHA3-512 alone on one thread', run: async () => hashSeeded(size) },
    });
    return [{ name: 'transfer', unit: 'MiB/s', ...measured, facts: { bytes: size, path: 'TCP, TLS 1.3, loopback' } }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

interface Announced {
  readonly interaction: string;
  readonly fileId: string;
}

const Heads = z.object({ conversations: z.array(z.object({ head: z.string() })) });

async function announce({ left, right, conversation }: Engines, path: string, signal: AbortSignal): Promise<Announced> {
  const answer = await left.call('send-file', { conversation, path });
  const announced = z.object({ interaction: z.string(), fileId: z.string() }).parse(answer);
  const headOf = async ({ call }: Engines['left']) => Heads.parse(await call('conversations')).conversations[0]?.head;
  await until(async () => (await headOf(left)) === (await headOf(right)), signal);
  return announced;
}

const Change = z.object({
  kind: z.string(),
  transfer: z.object({ direction: z.string(), phase: z.string() }).optional(),
});

/** MiB per second, from the moment the right engine asks until it has the file. An engine asks for what it lost by itself. */
async function fetchAgain(
  { right, conversation }: Engines,
  { fileId, interaction, size }: Announced & { size: number },
  signal: AbortSignal,
): Promise<number> {
  const times = { asked: 0, complete: 0 };
  await using _ = await right.watch(conversation, (given) => {
    const change = Change.parse(given);
    if (change.kind === 'request') times.asked = performance.now();
    if (times.asked > 0 && isCompletion(change)) times.complete = performance.now();
  });
  await rm(join(right.home, 'conversation_data', conversation, fileId), { force: true });
  await right.call('fetch', { conversation, interactions: [interaction], wait: true });
  await until(async () => times.complete > 0, signal);
  return ((size / MiB) * 1000) / (times.complete - times.asked);
}

function isCompletion({ transfer }: z.infer<typeof Change>): boolean {
  return transfer?.direction === 'receiving' && transfer.phase === 'complete';
}

/** The bytes of a file that nothing can make smaller, always the same. */
function* seededBytes(size: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  for (let made = 0; made < size; made += PIECE_BYTES)
    yield cipher.update(Buffer.alloc(Math.min(PIECE_BYTES, size - made)));
}

async function writeSeededFile(path: string, size: number): Promise<void> {
  await using file = await open(path, 'w');
  for (const piece of seededBytes(size)) await file.write(piece);
}

/** MiB per second, of the hash alone: the bytes are made before. */
function hashSeeded(size: number): number {
  const hash = createHash('sha3-512');
  let spent = 0;
  for (const piece of seededBytes(size)) {
    const started = performance.now();
    hash.update(piece);
    spent += performance.now() - started;
  }
  return ((size / MiB) * 1000) / spent;
}
