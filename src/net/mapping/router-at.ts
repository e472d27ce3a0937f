import type { Clock, Milliseconds, Random } from '../../ports.ts';

/** A router, and from where it is spoken to. */
export interface RouterAt {
  /** Its IPv4 address on the network that this machine shares with it. */
  readonly router: string;
  /** This machine's address there. */
  readonly from: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Where it listens; as the RFCs say, but in tests. */
  readonly ports?: { readonly control: number; readonly search: number };
}

export const ROUTER_PORTS = { control: 5351, search: 1900 } as const;

/** Routers count in whole seconds. */
export function secondsOf(ms: Milliseconds): number {
  return Math.ceil(ms / 1000);
}
