import { SyncError } from '../errors.ts';
import type { Net } from '../net/net.ts';

/** The network as the engine's parts hold it. */
export type NetPort = Pick<Net, 'findDevices' | 'link' | 'links' | 'openChannel'>;

/** The parts need the net and the net needs the parts: until it is filled, nobody is linked and nobody is found. */
export interface NetSlot extends NetPort, Pick<Net, 'recheck'> {
  fill(net: NetPort & Pick<Net, 'recheck'>): void;
}

export function createNetSlot(): NetSlot {
  let net: NetPort & Pick<Net, 'recheck'> = {
    findDevices: async () => [],
    links: () => [],
    recheck() {},
    link: async (device) => {
      throw new SyncError('DEVICE_NOT_FOUND', { device });
    },
    openChannel: async (device) => {
      throw new SyncError('DEVICE_NOT_FOUND', { device });
    },
  };
  return {
    fill: (real) => {
      net = real;
    },
    findDevices: (account, options) => net.findDevices(account, options),
    links: () => net.links(),
    recheck: () => net.recheck(),
    link: (device, options) => net.link(device, options),
    openChannel: (device, name, options) => net.openChannel(device, name, options),
  };
}
