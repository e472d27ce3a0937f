/** What the event loop and the thread that packs say to each other: one piece of work, one report. */
import type { Repacked } from './repack-adapter.ts';

export interface RepackWork {
  readonly objectsDirectory: string;
}

export type RepackReport =
  | (Repacked & { readonly outcome: 'packed' })
  | { readonly outcome: 'failed'; readonly detail: string };
