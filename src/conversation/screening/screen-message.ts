/** What the event loop and a thread that screens commits say to each other. */
import type { KeyObject } from 'node:crypto';
import type { DeviceId, ObjectId } from '../../ids.ts';
import type { Arrival } from '../repository/receive/arrival.ts';
import type { PackPlace } from '../repository/repository.ts';
import type { PackSlice } from './pack-slices.ts';

/** Commits that a thread screens at once: handed over as they came, or to be read from a pack. */
export type ScreenTask =
  | { readonly kind: 'arrived'; readonly arrival: Omit<Arrival, 'certificates'> }
  | { readonly kind: 'slice'; readonly slice: PackSlice };

export type ScreenCommand =
  | ScreenTask
  /** The packs that slices are of from now on; none at the end. */
  | { readonly kind: 'packs'; readonly packs: readonly Omit<PackPlace, 'index'>[] }
  /** The answer to a question. */
  | { readonly kind: 'key'; readonly question: number; readonly key: KeyObject | undefined };

export type ScreenReport =
  /** Of one task; they are done in the order they come in. `records` are as `writeRecord` makes them. */
  | { readonly kind: 'screened'; readonly records: Uint8Array }
  /** Which key the device has, whose certificate is in the tree. */
  | { readonly kind: 'whose'; readonly question: number; readonly device: DeviceId; readonly tree: ObjectId };
