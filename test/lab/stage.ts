/** Two devices of one conversation, each somewhere in a lab, as processes of the program. */
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { callEngine } from '../../src/engine/control/call-engine-adapter.ts';
import type { LinkView, PathKind } from '../../src/net/net.ts';
import { type RunningCli, startCli, startProgram, temporaryFolder } from '../support/cli/built-program.ts';
import { makeCertificate, type RunningTurnServer, startTurnServer } from '../support/net/turn-server.ts';
import { patience } from '../support/time/patience.ts';
import { until } from '../support/time/until.ts';
import type { LabHost } from './lab.ts';

/** Homes that were made before, to work on copies of. */
export interface MadeHomes {
  /** As `makeHomes` made it. */
  readonly folder: string;
  readonly conversation: string;
}

/** One device: where it stands, and what is put behind `swarmlog up`. */
export interface Placed {
  readonly at: LabHost;
  readonly options: readonly string[];
  readonly env?: Record<string, string>;
}

export interface StagedRelay {
  readonly server: RunningTurnServer;
  readonly uris: readonly string[];
}

export interface Sent {
  /** Whether what arrived has the digest of what was sent. */
  readonly isVerified: boolean;
  readonly seconds: number;
}

const RELAY_LOGIN = { kind: 'static', username: 'lab', password: 'only-for-the-lab' } as const;

/** Nodes of HyperDHT alone. */
const PLAIN_DHT = resolve(import.meta.dirname, '../support/net/plain-dht-process.ts');

export class Stage implements AsyncDisposable {
  readonly #homes: MadeHomes;
  readonly #folder = temporaryFolder();
  readonly #running: RunningCli[] = [];
  readonly #relays: RunningTurnServer[] = [];
  #sent = 0;

  constructor(homes: MadeHomes) {
    this.#homes = homes;
    cpSync(join(homes.folder, 'joined'), this.#folder.path, { recursive: true });
  }

  /** Starts the nodes of a DHT on a machine. Returns what to give to `--bootstrap`. */
  async dht(at: LabHost, host: string, further: readonly string[] = []): Promise<string> {
    const dht = this.#start(at, ['dht', '--host', host, '--port', '49737', '--json', ...further]);
    const [, bootstrap = ''] = await dht.printed(/"bootstrap":"([^"]+)"/);
    return bootstrap;
  }

  /** The same with nodes of HyperDHT alone, which forward nothing. */
  async plainDht(at: LabHost, host: string): Promise<string> {
    const dht = startProgram([...at.inside, process.execPath, '--import', 'tsx', PLAIN_DHT, host, '49737']);
    this.#running.push(dht);
    const [bootstrap = ''] = await dht.printed(/\S+:\d+/);
    return bootstrap;
  }

  /** Starts a relay on a machine. */
  async relay(at: LabHost, hosts: readonly string[]): Promise<StagedRelay> {
    const server = await startTurnServer({ hosts, inside: at.inside, login: RELAY_LOGIN, port: 3478 });
    this.#relays.push(server);
    const uris = hosts.flatMap((host) => {
      const uri = `turn:${host.includes(':') ? `[${host}]` : host}:3478`;
      return [`${uri}?transport=tcp`, `${uri}?transport=udp`];
    });
    return { server, uris };
  }

  /** The same, for those who speak TLS to it at the port of web sites, and trust its certificate. */
  async secureRelay(at: LabHost, host: string): Promise<StagedRelay & { readonly certificate: string }> {
    const files = makeCertificate(this.#folder.path, [host]);
    const where = { hosts: [host], inside: at.inside, port: 443 };
    const server = await startTurnServer({ ...where, login: RELAY_LOGIN, certificate: files });
    this.#relays.push(server);
    return { server, uris: [`turns:${host}:443`], certificate: files.certificate };
  }

  /** What to put behind `swarmlog up` for a device to use these. */
  listOf(relays: readonly StagedRelay[]): readonly string[] {
    const list = join(this.#folder.path, 'relays.json');
    const { username, password } = RELAY_LOGIN;
    const entries = relays.flatMap(({ uris }) => uris).map((uri) => ({ uri, username, password }));
    writeFileSync(list, JSON.stringify({ relays: entries }), { mode: 0o600 });
    return ['--relays', list];
  }

  /** Starts an engine; resolves when it is up. */
  async up(name: 'alice' | 'bob', { at, options, env }: Placed): Promise<RunningCli> {
    const words = ['up', '--home', this.#home(name), '--accept', 'nothing', '--json', ...options];
    const engine = this.#start(at, words, env);
    await engine.printed(/"addresses"/);
    return engine;
  }

  /** The link as a device sees it; undefined while there is none. */
  async link(name: 'alice' | 'bob' = 'alice'): Promise<LinkView | undefined> {
    const { links } = (await this.#ask(name, 'status')) as { readonly links: readonly LinkView[] };
    return links[0];
  }

  /** Resolves when both engines see a link. */
  async linked(): Promise<void> {
    await until(async () => (await this.link()) !== undefined, 50);
  }

  /** Resolves when so many bytes came over Bob's links. */
  async moved(bytes: number): Promise<void> {
    await until(async () => ((await this.link('bob'))?.traffic.received ?? 0) > bytes, 50);
  }

  /** The relay through which the link goes. */
  async relayInUse(): Promise<RunningTurnServer> {
    const paths = await Promise.all([this.link('alice'), this.link('bob')]);
    const addresses = paths.flatMap((link) => (link ? [link.path.local, link.path.remote] : []));
    const found = this.#relays.find(({ host }) => addresses.some((address) => address.startsWith(`${host}:`)));
    if (found === undefined) throw new Error(`no relay is used: ${addresses.join(', ')}`);
    return found;
  }

  /** The kind of path of the link, once it is one of these. */
  async pathAmong(kinds: readonly PathKind[]): Promise<PathKind> {
    let path: PathKind | undefined;
    await until(async () => {
      path = (await this.link())?.path.kind;
      return path !== undefined && kinds.includes(path);
    }, 50).catch(() => {});
    if (path === undefined) throw new Error('the link has gone');
    return path;
  }

  /** Alice sends a file of that many bytes and Bob fetches it. */
  async send(size: number, meanwhile: () => Promise<void> = async () => {}): Promise<Sent> {
    const { conversation } = this.#homes;
    this.#sent += 1;
    const path = join(this.#folder.path, `film-${this.#sent}.bin`);
    const bytes = randomBytes(size);
    writeFileSync(path, bytes);
    const sent = await this.#ask('alice', 'send-file', { conversation, path });
    const { fileId } = sent as { readonly fileId: string };
    await until(async () => (await this.#head('alice')) === (await this.#head('bob')), 50);
    const began = performance.now();
    const fetched = this.#ask('bob', 'fetch', { conversation, files: [fileId], wait: true });
    await Promise.all([fetched, meanwhile()]);
    const seconds = (performance.now() - began) / 1000;
    const arrived = readFileSync(join(this.#home('bob'), 'conversation_data', conversation, fileId));
    return { isVerified: digest(arrived) === digest(bytes), seconds };
  }

  /** What all programs printed, for when something went wrong. */
  output(): string {
    return this.#running.map((program) => program.output()).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      ...this.#running.map((program) => program.kill('SIGKILL')),
      ...this.#relays.map((relay) => relay.stop()),
    ]);
    this.#folder[Symbol.dispose]();
  }

  #start({ inside }: LabHost, args: readonly string[], env = {}): RunningCli {
    const program = startCli(args, env, inside);
    this.#running.push(program);
    return program;
  }

  #home(name: 'alice' | 'bob'): string {
    return join(this.#folder.path, name);
  }

  async #head(name: 'alice' | 'bob'): Promise<string | undefined> {
    const known = await this.#ask(name, 'conversations');
    return (known as { readonly conversations: readonly { readonly head: string }[] }).conversations[0]?.head;
  }

  #ask(name: 'alice' | 'bob', method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    return callEngine(this.#home(name), { method, params, signal: patience(), isLong: true });
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
