/** What the event loop and a thread that screens commits say to each other. */
import type { KeyObject } from 'node:crypto';
import type { DeviceId, ObjectId } from '../../ids.ts';
import type { PackPlace } from '../repository/repository.ts';
import type { PackSlice } from './pack-slices.ts';

/** What the thread begins with. */
export interface ScreenWork {
  readonly packs: readonly Omit<PackPlace, 'index'>[];
}

export type ScreenCommand =
  | { readonly kind: 'screen'; readonly slice: PackSlice }
  /** The answer to a question. */
  | { readonly kind: 'key'; readonly question: number; readonly key: KeyObject | undefined };

export type ScreenReport =
  /** Of one slice; they are screened in the order they come in. `records` are as `writeRecord` makes them. */
  | { readonly kind: 'screened'; readonly records: Uint8Array }
  /** Which key the device has, whose certificate is in the tree. */
  | { readonly kind: 'whose'; readonly question: number; readonly device: DeviceId; readonly tree: ObjectId };
