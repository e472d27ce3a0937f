import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { describe } from 'vitest';

interface Need {
  /** What must be there, as a person would say it. */
  readonly what: string;
  /** What to type to get it. */
  readonly install: string;
  readonly isThere: () => boolean;
}

const LIBNICE = "import gi; gi.require_version('Nice', '0.1'); from gi.repository import Nice";
const hasCommand = (command: string) => () =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;

export const stockGit: Need = { what: 'git', install: 'apt-get install -y git', isThere: hasCommand('git') };
export const openssl: Need = {
  what: 'openssl',
  install: 'apt-get install -y openssl',
  isThere: hasCommand('openssl'),
};
/** Its module `pty` makes a terminal. */
export const python: Need = {
  what: 'python3',
  install: 'apt-get install -y python3',
  isThere: hasCommand('python3'),
};
export const coturn: Need = {
  what: 'coturn',
  install: 'apt-get install -y coturn',
  isThere: hasCommand('turnserver'),
};
/** An ICE agent that is not ours; spoken to through the system's Python. */
export const libnice: Need = {
  what: 'libnice for Python',
  install: 'apt-get install -y gir1.2-nice-0.1 python3-gi',
  isThere: () => spawnSync('/usr/bin/python3', ['-c', LIBNICE], { stdio: 'ignore' }).status === 0,
};
export const root: Need = {
  what: 'root on Linux',
  install: 'run as root, in a container or with sudo',
  isThere: () => process.platform === 'linux' && process.getuid?.() === 0,
};

/** Containers often have none. */
export const ipv6: Need = {
  what: 'IPv6 on the loopback',
  install: 'sysctl -w net.ipv6.conf.lo.disable_ipv6=0',
  isThere: () =>
    Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1')),
};

const LAB_COMMANDS = ['ip', 'nft', 'turnserver', 'miniupnpd', 'openssl', 'python3'];

/** Makes networks of namespaces, with routers. */
export const networkLab: Need = {
  what: 'root on Linux, iproute2, nftables, coturn, miniupnpd, openssl and python3',
  install: 'apt-get install -y iproute2 nftables coturn miniupnpd-nftables openssl python3, and run as root',
  isThere: () => root.isThere() && LAB_COMMANDS.every((command) => hasCommand(command)()),
};

/**
 * A group of tests that need something a fresh machine with Node and npm may lack. Where it is missing they are
 * skipped by name, with the line that installs it; with `CI=true` they run, and fail.
 */
export function describeNeeding(need: Need, name: string, tests: () => void): void {
  const isMissing = !need.isThere();
  if (isMissing && process.env['CI'] !== 'true') describe.skip(`${name} (needs ${need.what}: ${need.install})`, tests);
  else describe(name, tests);
}
