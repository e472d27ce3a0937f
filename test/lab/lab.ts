/**
 * A network of one's own: namespaces, cables between them, and what people have at home: routers that translate
 * addresses. No namespace has a way out of it. The names tell the process they belong to: when it is killed, a caretaker takes
 * them away, and the next lab does so with what is left even then.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patience } from '../support/time/patience.ts';

const PREFIX = 'swarmlab';
const NAMESPACES = '/run/netns';
const WIRE = join(import.meta.dirname, 'wire.py');

/** A machine in the lab. */
export interface LabHost {
  readonly name: string;
  /** What to put before a command, so that it runs there. */
  readonly inside: readonly string[];
  /** Runs a command there; throws with what it printed when it fails. */
  run(...command: readonly string[]): string;
  /** Lines of iproute2, without the word `ip`, in one process. */
  ip(...lines: readonly string[]): void;
  /** Lines of nftables, likewise. */
  nft(...lines: readonly string[]): void;
}

/** How a router that hides a home behind its own address chooses the port outside: the same for everybody, or one for each. */
export type NatKind = 'cone' | 'symmetric';

export interface RouterOptions {
  /** Its address on the internet, without a prefix length. */
  readonly outside: string;
  /** Its address at home; the first of a /24. */
  readonly home: string;
  readonly nat: NatKind;
  /** It opens ports for those at home who ask, by these protocols. */
  readonly opens?: PortOpening;
}

/** What of miniupnpd is switched on. */
export type PortOpening = 'pcp and nat-pmp' | 'upnp';

/** What a bad cable does to the frames of either direction. */
export interface Wire {
  readonly delayMs?: number;
  /** Up to so much more, drawn for each frame, so that frames overtake each other. */
  readonly jitterMs?: number;
  /** Of one. */
  readonly loss?: number;
  /** Of one. */
  readonly duplicated?: number;
}

interface BadPlug {
  readonly wire: Wire;
  readonly addresses: readonly string[];
}

/** Waits for the end of whoever holds its input open, and takes away the namespaces of that process with all that runs there. */
const CARETAKER = `read -r _
for name in $(ls ${NAMESPACES} | grep "^${PREFIX}-$1-"); do
  ip netns pids "$name" | xargs -r kill -9
  ip netns delete "$name"
done`;
let hasCaretaker = false;

/** However this process ends. */
function startCaretaker(): void {
  if (hasCaretaker) return;
  hasCaretaker = true;
  const script = ['-c', CARETAKER, 'caretaker', String(process.pid)];
  const caretaker = spawn('sh', script, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  caretaker.unref();
  // Open for as long as this process lives, and no reason for it to live.
  if (caretaker.stdin instanceof Socket) caretaker.stdin.unref();
}

export class Lab implements Disposable {
  readonly #hosts: LabHost[] = [];
  readonly #plugged: { readonly host: LabHost; readonly hub: LabHost; readonly device: string }[] = [];
  #cables = 0;

  constructor() {
    removeStale();
    startCaretaker();
  }

  /** A machine with nothing but its loopback. */
  host(label: string): LabHost {
    const name = `${PREFIX}-${process.pid}-${this.#hosts.length}-${label}`;
    run(['ip', 'netns', 'add', name]);
    const inside = ['ip', 'netns', 'exec', name];
    const host: LabHost = {
      name,
      inside,
      run: (...command) => run(command, { inside }),
      ip: (...lines) => void run(['ip', '-netns', name, '-batch', '-'], { lines }),
      nft: (...lines) => void run(['nft', '-f', '-'], { inside, lines }),
    };
    this.#hosts.push(host);
    host.ip('link set lo up');
    return host;
  }

  /** A switch that machines are plugged into. It is a machine itself, for what runs in the middle. */
  hub(label: string, ...addresses: readonly string[]): LabHost {
    const hub = this.host(label);
    hub.ip('link add br0 type bridge', ...linesToConfigure('br0', addresses));
    return hub;
  }

  /** Plugs a machine into a hub. `addresses` have prefix lengths. Returns the name of the machine's interface. */
  plug(host: LabHost, hub: LabHost, ...addresses: readonly string[]): string {
    this.#cables += 1;
    const [device, port] = [`eth${this.#cables}`, `port${this.#cables}`];
    hub.ip(`link add ${port} type veth peer name ${device} netns ${host.name}`, `link set ${port} master br0 up`);
    host.ip(...linesToConfigure(device, addresses));
    this.#plugged.push({ host, hub, device });
    return device;
  }

  /** Pulls the one cable of the machine that was made under that label; its addresses go with it. */
  unplug(label: string): { readonly host: LabHost; readonly hub: LabHost } {
    const plugged = this.#plugged.find(({ host }) => host.name.endsWith(`-${label}`));
    if (plugged === undefined) throw new Error(`no ${label} is plugged in`);
    plugged.host.ip(`link delete ${plugged.device}`);
    this.#plugged.splice(this.#plugged.indexOf(plugged), 1);
    return plugged;
  }

  /** As `plug`, by a cable that is not a good one. */
  async plugBadly(
    host: LabHost,
    hub: LabHost,
    { wire: { delayMs = 0, jitterMs = 0, loss = 0, duplicated = 0 }, addresses }: BadPlug,
  ): Promise<string> {
    this.#cables += 1;
    const [device, port] = [`eth${this.#cables}`, `port${this.#cables}`];
    const [program = '', ...words] = [...hub.inside, 'python3', WIRE, device, port];
    const figures = [delayMs, jitterMs, loss, duplicated, this.#cables].map(String);
    // It ends with the namespace of the hub.
    const wire = spawn(program, [...words, ...figures], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(wire.stdout, 'data', { signal: patience() });
    hub.ip(`link set ${device} netns ${host.name}`, `link set ${port} master br0 up`);
    host.ip(...linesToConfigure(device, addresses));
    return device;
  }

  /** A router between a hub, the internet, and a home of its own, which is returned. */
  router(label: string, internet: LabHost, { outside, home, nat, opens }: RouterOptions): LabHost {
    const router = this.hub(label, `${home}/24`);
    const uplink = this.plug(router, internet, `${outside}/24`);
    router.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    const ports = nat === 'symmetric' ? 'masquerade fully-random' : 'masquerade';
    router.nft(
      'add table ip nat',
      'add chain ip nat leaving { type nat hook postrouting priority 100; }',
      `add rule ip nat leaving oifname ${uplink} ${ports}`,
      // What nobody at home asked for is dropped; were it answered, its ports would be taken when somebody inside wants them.
      'add table ip filter',
      ...['forward', 'input'].flatMap((hook) => [
        `add chain ip filter ${hook} { type filter hook ${hook} priority 0; }`,
        `add rule ip filter ${hook} ct status dnat accept`,
        `add rule ip filter ${hook} iifname ${uplink} ct state new drop`,
      ]),
    );
    if (opens !== undefined) openPorts(router, { opens, uplink, home });
    return router;
  }

  /** Takes all of it away, and ends what still runs inside. */
  [Symbol.dispose](): void {
    for (const { name } of this.#hosts) removeNamespace(name);
    this.#hosts.length = 0;
  }
}

interface OpenPorts {
  readonly opens: PortOpening;
  readonly uplink: string;
  /** The router's address at home. */
  readonly home: string;
}

/** Debian's miniupnpd, with the chains that it fills. It ends with the router. */
function openPorts(router: LabHost, { opens, uplink, home }: OpenPorts): void {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  const path = join(folder, 'miniupnpd.conf');
  const isUpnp = opens === 'upnp';
  const settings = [
    ...[`ext_ifname=${uplink}`, 'listening_ip=br0', 'http_port=5000', 'secure_mode=yes', 'system_uptime=yes'],
    ...[`enable_upnp=${isUpnp ? 'yes' : 'no'}`, `enable_natpmp=${isUpnp ? 'no' : 'yes'}`],
    ...['uuid=00000000-0000-4000-8000-000000000000', `allow 1024-65535 ${home}/24 1024-65535`],
  ];
  writeFileSync(path, `${settings.join('\n')}\n`);
  router.nft(
    'add table inet filter',
    ...MINIUPNPD_CHAINS.flatMap(([chain, hook]) => [
      `add chain inet filter ${chain}`,
      `add chain inet filter ${chain}_hook { ${hook}; }`,
      `add rule inet filter ${chain}_hook jump ${chain}`,
    ]),
  );
  // Packets for the home network's group go there.
  router.ip('route add 239.0.0.0/8 dev br0');
  const [program = '', ...words] = [...router.inside, 'miniupnpd', '-d', '-f', path, '-P', join(folder, 'pid')];
  const daemon = spawn(program, words, { stdio: 'ignore' });
  daemon.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

const MINIUPNPD_CHAINS = [
  ['miniupnpd', 'type filter hook forward priority 0'],
  ['prerouting_miniupnpd', 'type nat hook prerouting priority -100'],
  ['postrouting_miniupnpd', 'type nat hook postrouting priority 100'],
] as const;

/** They bring an interface up with its addresses; IPv6 ones are of use at once. */
function linesToConfigure(device: string, addresses: readonly string[]): readonly string[] {
  const added = addresses.map((address) => `addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`);
  return [...added, `link set ${device} up`];
}

/** Namespaces of processes that are no more. */
function removeStale(): void {
  if (!existsSync(NAMESPACES)) return;
  for (const name of readdirSync(NAMESPACES)) {
    const [prefix, pid = ''] = name.split('-');
    if (prefix === PREFIX && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function removeNamespace(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of (stdout ?? '').split('\n').filter((line) => line !== '')) kill(Number(pid));
  spawnSync('ip', ['netns', 'delete', name]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

interface Run {
  /** What to put before the command. */
  readonly inside?: readonly string[];
  /** What it reads. */
  readonly lines?: readonly string[];
}

function run(command: readonly string[], { inside = [], lines = [] }: Run = {}): string {
  const [program = '', ...args] = [...inside, ...command];
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', input: lines.join('\n') });
  if (status !== 0) throw new Error(`${[...command, ...lines].join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
}
