import { TRANSFER_BATCH_BYTES, TRANSFER_TICK_MS } from '../../limits.ts';
import { takeReadMemory } from '../../read-memory.ts';
import type { Assemblies } from '../assembly/assemblies.ts';
import type { Assembly } from '../assembly/assembly.ts';
import type { AnnouncedFile, ReadableFile } from '../ports.ts';
import type { Range } from '../ranges.ts';
import type { ReceivingContext } from '../transfer/receive/receiving.ts';

export interface ReadOptions {
  /** First byte, and the one after the last; the whole file without them. */
  readonly start?: number;
  readonly end?: number;
  readonly signal: AbortSignal;
  /** The file is neither here nor on its way: somebody should fetch it. Called once. */
  onLacking(): Promise<void>;
}

export interface ReadContext extends ReceivingContext {
  readonly assemblies: Assemblies;
}

/**
 * The bytes of a file, verified, in order: from the disk when it is complete, else as its chunks come, which are fetched
 * first then. A file without chunks is read once it is complete. Waits as long as it takes.
 * Throws the signal's reason, FILE_FAILED, and WORKER_FAILED.
 */
export async function* readFile(
  context: ReadContext,
  file: AnnouncedFile,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const { signal, onLacking } = options;
  const end = Math.min(options.end ?? file.totalSize, file.totalSize);
  let hasTold = false;
  for (let at = options.start ?? 0; at < end; ) {
    for await (const bytes of whatComesNow(context, file, { range: [at, end], signal })) {
      at += bytes.length;
      yield bytes;
    }
    if (at === end) return;
    if (!hasTold && !context.assemblies.underWay(file)) await onLacking();
    hasTold = true;
    await untilNews(context, file, signal);
  }
}

async function* whatComesNow(
  { ownBytes, assemblies }: ReadContext,
  file: AnnouncedFile,
  { range, signal }: { readonly range: Range; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const own = await ownBytes.open(file, { signal });
  if (own.are === 'right') return yield* fromDisk(own.source, range, signal);
  const assembly = assemblies.underWay(file);
  if (assembly) yield* fromAssembly(assembly, range, signal);
}

async function* fromDisk(source: ReadableFile, [start, end]: Range, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await using file = source;
  for (let at = start; at < end; ) {
    signal.throwIfAborted();
    const bytes = memoryFor(end - at);
    await file.read([bytes], at);
    at += bytes.length;
    yield bytes;
  }
}

/** Ends early when the assembly does: the rest is on the disk then, or comes with another try. */
async function* fromAssembly(assembly: Assembly, [start, end]: Range, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  using _ = assembly.enterReader([start, end]);
  for (let at = start; at < end && !assembly.over.aborted; ) {
    const right = await assembly.readable([at, end], signal);
    while (at < right && !assembly.over.aborted) {
      const bytes = memoryFor(right - at);
      if (!(await assembly.read(bytes, at))) return;
      at += bytes.length;
      yield bytes;
    }
  }
}

/** For the next bytes, with anything in it. As much as pays a trip to the disk, which costs the event loop the same for any length. */
function memoryFor(left: number): Uint8Array {
  return takeReadMemory(Math.min(TRANSFER_BATCH_BYTES, left));
}

/** An assembly begins, or enough time has passed for the file to have come in another way. */
async function untilNews(
  { assemblies, options }: ReadContext,
  file: AnnouncedFile,
  signal: AbortSignal,
): Promise<void> {
  const either = new AbortController();
  const waiting = AbortSignal.any([signal, either.signal]);
  const news = [assemblies.begun(file, waiting), options.clock.wait(TRANSFER_TICK_MS, waiting)];
  await Promise.race(news).finally(() => {
    either.abort();
    for (const one of news) one.catch(() => {});
  });
}
