/** Where two devices may stand to each other, and which kinds of path may carry their link then. */
import type { PathKind } from '../../src/net/net.ts';
import type { Lab, LabHost, NatKind, PortOpening, Wire } from './lab.ts';
import type { Placed, Stage } from './stage.ts';

export interface LabCase {
  readonly name: string;
  /** Any of these may win; everything else is a failure. */
  readonly wins: readonly PathKind[];
  place(lab: Lab, stage: Stage): Promise<{ readonly alice: Placed; readonly bob: Placed }>;
  /** How much longer than Alice's Bob's engine is up, with nobody to talk to; no longer unless given. */
  readonly bobIdlesMs?: number;
  /** What happens in the middle of the transfer. */
  readonly interruption?: Interruption;
}

interface Interruption {
  /** Bytes of the file, and how many of them go a second, so that there is a middle. */
  readonly size: number;
  readonly pace: string;
  strike(stage: Stage, lab: Lab): Promise<void>;
}

/**
 * Addresses that a DHT takes for the internet's; none of the usual ones for examples does. Nothing leaves the lab.
 */
const INTERNET = '11.0.0.1';

const HOMES = [
  { outside: '11.0.0.11', router: '192.168.1.1', device: '192.168.1.2' },
  { outside: '11.0.0.12', router: '192.168.2.1', device: '192.168.2.2' },
] as const;

export const CASES: readonly LabCase[] = [
  {
    name: 'one LAN, without internet',
    wins: ['tcp'],
    async place(lab) {
      const lan = lab.hub('lan');
      const [alice, bob] = [lab.host('alice'), lab.host('bob')];
      lab.plug(alice, lan, '192.168.1.2/24');
      lab.plug(bob, lan, '192.168.1.3/24');
      return {
        alice: { at: alice, options: ['--host', '192.168.1.2'] },
        bob: { at: bob, options: ['--host', '192.168.1.3'] },
      };
    },
  },
  {
    name: 'one LAN with IPv6 only',
    wins: ['tcp'],
    async place(lab) {
      const lan = lab.hub('lan');
      const [alice, bob] = [lab.host('alice'), lab.host('bob')];
      lab.plug(alice, lan, 'fd00:1::2/64');
      lab.plug(bob, lan, 'fd00:1::3/64');
      return { alice: { at: alice, options: EVERYWHERE }, bob: { at: bob, options: EVERYWHERE } };
    },
  },
  {
    name: 'IPv4, and IPv6 that leads nowhere',
    wins: ['tcp'],
    place: brokenIpv6,
  },
  {
    name: 'one of them changes its network in the middle',
    wins: ['tcp'],
    place: inPublic,
    interruption: {
      size: 8_000_000,
      pace: '2M',
      async strike(_, lab) {
        const { host, hub } = lab.unplug('bob');
        lab.plug(host, hub, '11.0.0.4/24');
      },
    },
  },
  {
    name: 'one side behind a NAT',
    wins: ['tcp'],
    async place(lab, stage) {
      const internet = lab.hub('internet', `${INTERNET}/24`);
      const bootstrap = await stage.dht(internet, INTERNET);
      const bob = lab.host('bob');
      lab.plug(bob, internet, '11.0.0.2/24');
      return {
        alice: behindNat(lab, internet, { home: 0, nat: 'cone', options: ['--bootstrap', bootstrap] }),
        bob: { at: bob, options: ['--bootstrap', bootstrap, '--host', '11.0.0.2'] },
      };
    },
  },
  {
    name: 'both behind cone NATs',
    wins: ['ice-tcp'],
    place: (lab, stage) => bothBehindNats(lab, stage, { nat: 'cone' }),
  },
  {
    name: 'both behind symmetric NATs, with a relay',
    wins: ['tcp-relay'],
    place: (lab, stage) => bothBehindNats(lab, stage, { nat: 'symmetric' }),
  },
  {
    name: 'both behind symmetric NATs, with a relay, and a DHT that forwards nothing',
    wins: ['tcp-relay'],
    place: (lab, stage) => bothBehindNats(lab, stage, { nat: 'symmetric', forwards: false }),
  },
  {
    name: 'one behind a symmetric NAT, one behind a cone NAT and idle, with a relay, and a DHT that forwards nothing',
    wins: ['tcp-relay'],
    place: (lab, stage) => bothBehindNats(lab, stage, { nat: 'symmetric', bobsNat: 'cone', forwards: false }),
    // By then it would not look for rings by itself for half a minute.
    bobIdlesMs: 35_000,
  },
  {
    name: 'both behind symmetric NATs, with a relay, by UDP alone',
    wins: ['udp-relay'],
    place: (lab, stage) => bothBehindNats(lab, stage, { nat: 'symmetric', options: ['--paths', 'udp-relay'] }),
  },
  {
    name: 'both behind symmetric NATs, of which one opens ports by PCP',
    wins: ['tcp'],
    place: (lab, stage) => behindOpeningRouter(lab, stage, 'pcp and nat-pmp'),
  },
  {
    name: 'both behind symmetric NATs, of which one opens ports by UPnP',
    wins: ['tcp'],
    place: (lab, stage) => behindOpeningRouter(lab, stage, 'upnp'),
  },
  {
    name: 'no TCP from outside on either side',
    wins: ['udp'],
    place: (lab, stage) => bothInPublic(lab, stage, 'tcp flags & (syn | ack) == syn drop'),
  },
  {
    name: 'no UDP but to a node of the DHT',
    wins: ['tcp'],
    place: (lab, stage) => bothInPublic(lab, stage, `meta l4proto udp ip saddr != ${INTERNET} drop`),
  },
  {
    name: 'nothing but a node of the DHT, and a relay over TLS',
    wins: ['tcp-relay'],
    place: (lab, stage) => onlyTlsRelay(lab, stage, 'meta l4proto udp'),
  },
  {
    name: 'no UDP at all',
    wins: ['tcp'],
    place: (lab, stage) => bothInPublic(lab, stage, 'meta l4proto udp drop'),
  },
  {
    name: 'nothing but TCP to a node of the DHT, and a relay over TLS',
    wins: ['tcp-relay'],
    place: (lab, stage) => onlyTlsRelay(lab, stage, 'tcp dport 49737'),
  },
  {
    name: 'IPv6 only, each in a network of its own',
    wins: ['tcp'],
    place: onlyIpv6,
  },
  {
    name: 'IPv6 only, nothing but a gate and a relay',
    wins: ['tcp-relay'],
    place: onlyIpv6Relay,
  },
  {
    name: 'the relay dies in the middle, and there is another',
    wins: ['tcp-relay'],
    place: twoRelays,
    interruption: { size: 8_000_000, pace: '2M', strike: async (stage) => (await stage.relayInUse()).stop() },
  },
  {
    name: 'a narrow way, of which the router tells',
    wins: ['tcp'],
    place: (lab, stage) => behindNarrowWay(lab, stage, true),
  },
  {
    name: 'a narrow way, of which the router says nothing',
    wins: ['udp'],
    place: (lab, stage) => behindNarrowWay(lab, stage, false),
  },
  {
    name: 'a way round of 50 ms that loses 1 %',
    wins: ['tcp'],
    place: (lab, stage) => overBadWires(lab, stage, { delayMs: 12.5, loss: 0.005 }),
  },
  {
    name: 'packets that come twice and overtake each other',
    wins: ['tcp'],
    place: (lab, stage) => overBadWires(lab, stage, { delayMs: 1, jitterMs: 5, duplicated: 0.2 }),
  },
];

interface BothBehindNats {
  readonly nat: NatKind;
  /** The same as Alice's unless given. */
  readonly bobsNat?: NatKind;
  /** Whether the DHT has a node that forwards what is signalled. */
  readonly forwards?: boolean;
  readonly options?: readonly string[];
}

async function bothBehindNats(
  lab: Lab,
  stage: Stage,
  { nat, bobsNat = nat, forwards = true, options: further = [] }: BothBehindNats,
): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const dht = forwards ? stage.dht(internet, INTERNET) : stage.plainDht(internet, INTERNET);
  const [bootstrap, relay] = await Promise.all([dht, stage.relay(internet, [INTERNET])]);
  const options = ['--bootstrap', bootstrap, ...stage.listOf([relay]), ...further];
  return {
    alice: behindNat(lab, internet, { home: 0, nat, options }),
    bob: behindNat(lab, internet, { home: 1, nat: bobsNat, options }),
  };
}

/** Each device listens at all the addresses that it has. */
const EVERYWHERE = ['--host', 'any'] as const;

async function inPublic(lab: Lab, stage: Stage): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const options = ['--bootstrap', await stage.dht(internet, INTERNET), ...EVERYWHERE];
  const [alice, bob] = [lab.host('alice'), lab.host('bob')];
  lab.plug(alice, internet, '11.0.0.2/24');
  lab.plug(bob, internet, '11.0.0.3/24');
  return { alice: { at: alice, options }, bob: { at: bob, options } };
}

/** Both have IPv6 addresses, and what is sent there is lost. */
async function brokenIpv6(lab: Lab, stage: Stage): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const options = ['--bootstrap', await stage.dht(internet, INTERNET), ...EVERYWHERE];
  const [alice, bob] = [2, 3].map((number): Placed => {
    const at = lab.host('device');
    lab.plug(at, internet, `11.0.0.${number}/24`, `2a00:1::${number}/64`);
    at.nft(
      'add table ip6 filter',
      'add chain ip6 filter output { type filter hook output priority 0; }',
      'add rule ip6 filter output oifname != lo drop',
    );
    return { at, options };
  }) as [Placed, Placed];
  return { alice, bob };
}

/**
 * Both may send something to the machine of a DHT, by UDP to any port, as what it forwards has ports of its own, and
 * speak TLS to the relay.
 */
async function onlyTlsRelay(lab: Lab, stage: Stage, something: string): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const [bootstrap, relay] = await Promise.all([stage.dht(internet, INTERNET), stage.secureRelay(internet, INTERNET)]);
  const options = ['--bootstrap', bootstrap, ...stage.listOf([relay])];
  const [alice, bob] = ['11.0.0.2', '11.0.0.3'].map((host): Placed => {
    const at = lab.host('device');
    lab.plug(at, internet, `${host}/24`);
    at.nft(
      'add table ip filter',
      'add chain ip filter output { type filter hook output priority 0; policy drop; }',
      'add rule ip filter output oifname lo accept',
      `add rule ip filter output ip daddr ${INTERNET} ${something} accept`,
      `add rule ip filter output ip daddr ${INTERNET} tcp dport 443 accept`,
    );
    return { at, options: [...options, '--host', host], env: { NODE_EXTRA_CA_CERTS: relay.certificate } };
  }) as [Placed, Placed];
  return { alice, bob };
}

const INTERNET_IPV6 = '2a00:1::1';

/** The machine of a DHT, which has IPv4 as well, is the router between them. */
async function onlyIpv6(lab: Lab, stage: Stage): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`, `${INTERNET_IPV6}/64`);
  await stage.dht(internet, INTERNET, ['--gate-host', INTERNET_IPV6]);
  internet.run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
  const [alice, bob] = [1, 2].map((home): Placed => {
    const router = lab.hub(`home${home}`, `2a00:2:${home}::1/64`);
    lab.plug(router, internet, `2a00:1::1${home}/64`);
    router.run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
    router.ip(`route add default via ${INTERNET_IPV6}`);
    internet.ip(`route add 2a00:2:${home}::/64 via 2a00:1::1${home}`);
    const at = lab.host(`device${home}`);
    lab.plug(at, router, `2a00:2:${home}::2/64`);
    at.ip(`route add default via 2a00:2:${home}::1`);
    return { at, options: ['--bootstrap', `[${INTERNET_IPV6}]:49737`, ...EVERYWHERE] };
  }) as [Placed, Placed];
  return { alice, bob };
}

/** Both reach one machine and nobody else. It is a gate, and a relay that has places of IPv6. */
async function onlyIpv6Relay(lab: Lab, stage: Stage): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`, `${INTERNET_IPV6}/64`);
  await stage.dht(internet, INTERNET, ['--gate-host', INTERNET_IPV6]);
  const relay = await stage.relay(internet, [INTERNET_IPV6]);
  const options = ['--bootstrap', `[${INTERNET_IPV6}]:49737`, ...EVERYWHERE, ...stage.listOf([relay])];
  const [alice, bob] = [2, 3].map((number): Placed => {
    const at = lab.host('device');
    lab.plug(at, internet, `2a00:1::${number}/64`);
    at.nft('add table ip6 filter');
    at.nft('add chain ip6 filter output { type filter hook output priority 0; policy drop; }');
    at.nft('add rule ip6 filter output oifname lo accept');
    at.nft('add rule ip6 filter output meta l4proto ipv6-icmp accept');
    at.nft(`add rule ip6 filter output ip6 daddr ${INTERNET_IPV6} accept`);
    return { at, options };
  }) as [Placed, Placed];
  return { alice, bob };
}

const OTHER_RELAY = '11.0.0.5';

/** Behind symmetric NATs, with two relays to choose from. */
async function twoRelays(lab: Lab, stage: Stage): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`, `${OTHER_RELAY}/24`);
  const [bootstrap, ...relays] = await Promise.all([
    stage.dht(internet, INTERNET),
    ...[INTERNET, OTHER_RELAY].map((host) => stage.relay(internet, [host])),
  ]);
  const options = ['--bootstrap', bootstrap, ...stage.listOf(relays)];
  return {
    alice: behindNat(lab, internet, { home: 0, nat: 'symmetric', options }),
    bob: behindNat(lab, internet, { home: 1, nat: 'symmetric', options }),
  };
}

/** Both reach the internet and each other, but for what their own firewalls do not let in. */
async function bothInPublic(lab: Lab, stage: Stage, firewall: string): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const bootstrap = await stage.dht(internet, INTERNET);
  const [alice, bob] = ['11.0.0.2', '11.0.0.3'].map((host): Placed => {
    const at = lab.host('device');
    lab.plug(at, internet, `${host}/24`);
    at.nft(
      'add table ip filter',
      'add chain ip filter input { type filter hook input priority 0; }',
      `add rule ip filter input ${firewall}`,
    );
    return { at, options: ['--bootstrap', bootstrap, '--host', host] };
  }) as [Placed, Placed];
  return { alice, bob };
}

/** Without a relay: nothing but the open port lets them meet. */
async function behindOpeningRouter(
  lab: Lab,
  stage: Stage,
  opens: PortOpening,
): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const options = ['--bootstrap', await stage.dht(internet, INTERNET)];
  return {
    alice: behindNat(lab, internet, {
      ...{ home: 0, nat: 'symmetric', opens },
      options: [...options, '--port-mapping'],
    }),
    bob: behindNat(lab, internet, { home: 1, nat: 'symmetric', options }),
  };
}

interface BehindNat {
  readonly home: 0 | 1;
  readonly nat: NatKind;
  readonly opens?: PortOpening;
  readonly options: readonly string[];
}

function behindNat(lab: Lab, internet: LabHost, { home, nat, opens, options }: BehindNat): Placed {
  const { outside, router: gateway, device } = HOMES[home];
  const router = lab.router(`router${home}`, internet, { outside, home: gateway, nat, ...(opens && { opens }) });
  const at = lab.host(`device${home}`);
  lab.plug(at, router, `${device}/24`);
  at.ip(`route add default via ${gateway}`);
  return { at, options: [...options, '--host', device] };
}

/** Bob's way to the internet takes packets of 1,280 bytes, while his own network takes larger ones. */
async function behindNarrowWay(lab: Lab, stage: Stage, tells: boolean): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const bootstrap = await stage.dht(internet, INTERNET);
  const options = ['--bootstrap', bootstrap];
  const at = lab.host('alice');
  lab.plug(at, internet, '11.0.0.2/24');
  at.ip('route add 11.0.1.0/24 via 11.0.0.11');
  internet.ip('route add 11.0.1.0/24 via 11.0.0.11');
  const router = lab.hub('router', '11.0.1.1/24');
  const uplink = lab.plug(router, internet, '11.0.0.11/24');
  // By its routes: what is too long for the far end of a cable is dropped there, and nobody tells.
  router.ip(`route replace 11.0.0.0/24 dev ${uplink} mtu lock 1280`, 'route replace 11.0.1.0/24 dev br0 mtu lock 1280');
  router.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  if (!tells) {
    router.nft(
      'add table ip filter',
      'add chain ip filter output { type filter hook output priority 0; }',
      'add rule ip filter output meta l4proto icmp drop',
    );
  }
  const bob = lab.host('bob');
  lab.plug(bob, router, '11.0.1.2/24');
  bob.ip('route add default via 11.0.1.1');
  return {
    alice: { at, options: [...options, '--host', '11.0.0.2'] },
    bob: { at: bob, options: [...options, '--host', '11.0.1.2'] },
  };
}

/** Each device by such a cable, so that a packet passes two. */
async function overBadWires(lab: Lab, stage: Stage, wire: Wire): Promise<{ alice: Placed; bob: Placed }> {
  const internet = lab.hub('internet', `${INTERNET}/24`);
  const bootstrap = await stage.dht(internet, INTERNET);
  const place = async (name: string, host: string): Promise<Placed> => {
    const at = lab.host(name);
    await lab.plugBadly(at, internet, { wire, addresses: [`${host}/24`] });
    return { at, options: ['--bootstrap', bootstrap, '--host', host] };
  };
  const [alice, bob] = await Promise.all([place('alice', '11.0.0.2'), place('bob', '11.0.0.3')]);
  return { alice, bob };
}
