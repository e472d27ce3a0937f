import type { RecordSession } from './ring.ts';
import { keyFrom } from './seal.ts';

/** Who rang, or who was rung. Each has pages of its own. */
export type Side = 'dialer' | 'answerer';

/** Where a page is found, and what it is sealed with. Both sides know it; to everybody else it is one record among many. */
export interface PageKeys {
  /** Of the key pair under which it lies in the DHT. */
  readonly seed: Uint8Array;
  readonly seal: Uint8Array;
}

export function pageKeys({ secret }: RecordSession, side: Side, index: number): PageKeys {
  const key = (purpose: string) => keyFrom(secret, new Uint8Array(), `swarmlog record v1 ${side} ${index} ${purpose}`);
  return { seed: key('place'), seal: key('seal') };
}
