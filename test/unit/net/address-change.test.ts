import { beforeEach, describe, expect, it } from 'vitest';
import { onAddressChange, type Placed } from '../../../src/net/address-change.ts';
import type { OwnAddress } from '../../../src/net/addresses/own-address.ts';

const WIRE: OwnAddress = { on: 'eth0', zone: 'eth0', host: '192.168.1.2' };
const NEIGHBOURLY: OwnAddress = { ...WIRE, host: 'fe80::2' };
const WIRELESS: OwnAddress = { on: 'wlan0', zone: 'wlan0', host: '192.168.7.9' };

describe('a machine that is somewhere else', () => {
  let told: string[];
  let isCut: (localHost: string) => boolean;
  let net: Placed;
  beforeEach(() => {
    told = [];
    const note = (what: string) => () => void told.push(what);
    net = {
      own: { hosts: ['any'] },
      streams: { reopen: async (hosts) => void told.push(`listen at ${hosts}`) },
      lan: { update: async () => void told.push('local network') },
      mapping: { refresh: note('router') },
      book: {
        cutAt(isGone) {
          told.push('cut');
          isCut = isGone;
        },
      },
      dht: { refresh: note('announce') },
      betterPaths: { hint: note('better paths') },
      handlers: { onAddressesChanged: note('look for devices') },
    };
  });

  it('listens, announces itself and looks for ways anew', () => {
    onAddressChange({ come: [WIRELESS], gone: [] }, net);
    const all = ['listen at any', 'local network', 'router', 'cut', 'announce', 'better paths', 'look for devices'];
    expect(told.toSorted()).toEqual(all.toSorted());
  });

  it('does so where there is no local network, too', () => {
    onAddressChange({ come: [WIRELESS], gone: [] }, { ...net, lan: undefined });
    expect(told).toContain('announce');
  });

  it('cuts what leaves by an address that it has no more, with its zone or without, and nothing else', () => {
    onAddressChange({ come: [], gone: [WIRE, NEIGHBOURLY] }, net);
    const ends = ['192.168.1.2', 'fe80::2', 'fe80::2%eth0', 'fe80::2%wlan0', '192.168.7.9', ''];
    expect(ends.filter((end) => isCut(end))).toEqual(['192.168.1.2', 'fe80::2', 'fe80::2%eth0']);
  });
});
