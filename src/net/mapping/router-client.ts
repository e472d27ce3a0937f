/** How a router is asked to let connections from the internet in to a port of this machine. */
import type { Milliseconds } from '../../ports.ts';
import type { Address } from '../address.ts';

/** PCP (RFC 6887), NAT-PMP (RFC 6886), and UPnP's Internet Gateway Device. */
export type MappingProtocol = 'pcp' | 'nat-pmp' | 'upnp';

export interface MappingAsk {
  /** Where this machine listens, by TCP. */
  readonly internal: Address;
  /** What others would best dial; the router may choose another. */
  readonly externalPort: number;
  readonly lifetimeMs: Milliseconds;
}

/** A port that is open by the router's word, which nobody has checked. */
export interface Mapped {
  readonly external: Address;
  readonly lifetimeMs: Milliseconds;
}

export interface AskOptions {
  readonly signal: AbortSignal;
}

/** One protocol, spoken to one router from one address of this machine. */
export interface RouterClient {
  readonly protocol: MappingProtocol;
  /**
   * Asking again for what is there renews it. Throws ROUTER_REFUSED, MALFORMED, TIMED_OUT, the signal's reason, what a
   * socket fails with.
   */
  map(ask: MappingAsk, options: AskOptions): Promise<Mapped>;
  /** Takes back what `map` gave for this ask. Throws as `map`. */
  unmap(ask: MappingAsk, options: AskOptions): Promise<void>;
}
