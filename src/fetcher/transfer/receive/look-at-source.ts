import { SILENCE_MS } from '../../../limits.ts';
import type { Milliseconds } from '../../../ports.ts';
import { type PaceWatch, watchPace } from '../../pace/least-pace.ts';
import { listen, type Tick } from '../transfer-input.ts';

/** What a receiver keeps in mind of the source it talks to. */
export interface SourceWatch {
  /** Bytes that are here: of the file, or of those that this source sends of it. */
  readonly received: number;
  /** When the source was heard, or held back by us, last. */
  readonly heardAt: Milliseconds;
  /** When we said something last. */
  readonly saidAt: Milliseconds;
  readonly pace: PaceWatch;
}

export type SourceLook =
  | { readonly kind: 'failed'; readonly outcome: 'silent' | 'too-slow' }
  | { readonly kind: 'fine'; readonly watch: Pick<SourceWatch, 'heardAt' | 'pace'>; readonly isWordDue: boolean };

/** What to make of the source as time goes by. A word of ours is due long before the source would take us for gone. */
export function lookAtSource({ received, heardAt: heardBefore, saidAt, pace }: SourceWatch, tick: Tick): SourceLook {
  const { heardAt, isSilent } = listen(heardBefore, tick);
  if (isSilent) return { kind: 'failed', outcome: 'silent' };
  const { watch, isTooSlow } = watchPace(pace, { ...tick, bytes: received });
  if (isTooSlow) return { kind: 'failed', outcome: 'too-slow' };
  return { kind: 'fine', watch: { heardAt, pace: watch }, isWordDue: tick.at - saidAt >= SILENCE_MS / 3 };
}
