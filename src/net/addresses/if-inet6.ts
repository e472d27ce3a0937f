/** Linux's own list of IPv6 addresses, `/proc/net/if_inet6`: the only place that says which of them are to be used. */
import { ipText } from '../ip-address.ts';
import type { OwnAddress } from './own-address.ts';

/** Flags of `linux/if_addr.h`. */
const TEMPORARY = 0x01;
const DUPLICATE = 0x08;
const DEPRECATED = 0x20;
const TENTATIVE = 0x40;

const LINE = /^(?<address>[0-9a-f]{32}) [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ (?<flags>[0-9a-f]+) +(?<on>\S+)$/;

/** By `stateKey`. Addresses that are as they usually are, and lines of another form, are left out. */
export function addressStates(text: string): ReadonlyMap<string, NonNullable<OwnAddress['state']>> {
  const states = new Map<string, NonNullable<OwnAddress['state']>>();
  for (const line of text.split('\n')) {
    const { address = '', flags = '', on = '' } = LINE.exec(line)?.groups ?? {};
    const state = stateOf(Number.parseInt(flags, 16));
    if (state !== undefined) states.set(stateKey({ on, host: ipText(Buffer.from(address, 'hex')) }), state);
  }
  return states;
}

export function stateKey({ on, host }: Pick<OwnAddress, 'on' | 'host'>): string {
  return `${host} ${on}`;
}

function stateOf(flags: number): OwnAddress['state'] {
  if ((flags & (TENTATIVE | DUPLICATE)) !== 0) return 'tentative';
  if ((flags & DEPRECATED) !== 0) return 'deprecated';
  return (flags & TEMPORARY) === 0 ? undefined : 'temporary';
}
