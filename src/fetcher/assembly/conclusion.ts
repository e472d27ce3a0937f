import type { Digest } from '../../ids.ts';
import { ASSEMBLY_RECHECKS } from '../../limits.ts';
import type { FileStamp, PartialFile } from '../ports.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { ChunkSink } from './chunk-sink.ts';

export type AssemblyEnd =
  /** The file stands under its name, verified. */
  | { readonly outcome: 'complete'; readonly stamp: FileStamp }
  /** Every chunk is what was announced, the whole is not: who announced it is to blame, not who sent it. */
  | { readonly outcome: 'wrong-digest' }
  | { readonly outcome: 'disk-full' }
  /** A failure of this machine. */
  | { readonly outcome: 'interrupted'; readonly failure: unknown };

export interface ConclusionOptions {
  readonly digest: Digest;
  readonly partial: PartialFile;
  readonly sink: ChunkSink;
  readonly checkpointer: Checkpointer;
}

export interface Conclusion {
  /**
   * All chunks are right: lets the announced digest have the last word. Comes to an end, or to the chunks that have gone
   * bad on the disk since they were checked.
   */
  conclude(): Promise<AssemblyEnd | { readonly spoiled: readonly number[] }>;
}

export function createConclusion({ digest, partial, sink, checkpointer }: ConclusionOptions): Conclusion {
  let rechecks = 0;
  return {
    async conclude() {
      const [found] = await Promise.all([sink.digest(), checkpointer.flush()]);
      if (found === digest) return { outcome: 'complete', stamp: await partial.promote() };
      rechecks += 1;
      if (rechecks > ASSEMBLY_RECHECKS) return { outcome: 'wrong-digest' };
      const spoiled = await sink.recheck();
      return spoiled.length === 0 ? { outcome: 'wrong-digest' } : { spoiled };
    },
  };
}
