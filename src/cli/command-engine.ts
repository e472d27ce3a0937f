/** up and dht: the two commands that run until they are told to stop. */
import { type Command, InvalidArgumentError } from 'commander';
import { createControlHandler } from '../engine/control/control-methods.ts';
import { serveControl } from '../engine/control/control-socket-adapter.ts';
import { createEngine } from '../engine/create-engine.ts';
import { createLocalDht } from '../net/hyperdht-adapter.ts';
import { action, type CommandUse, type Surroundings } from './context.ts';
import { createPinoLog } from './pino-adapter.ts';

interface UpOptions {
  readonly bootstrap: readonly string[];
  readonly host: string;
  readonly accept: 'pictures' | 'all' | 'nothing';
}

interface DhtOptions {
  readonly port: number;
  readonly host: string;
}

export function addEngineCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('up')
    .description('run the engine of a home until Ctrl-C; the other commands talk to it')
    .requiredOption('--bootstrap <host:port...>', 'DHT nodes to start from, as `swarmlog dht` prints them')
    .option('--host <ip>', 'the address to listen on and to be reached at', '127.0.0.1')
    .option('--accept <what>', 'what is fetched without asking: pictures, all or nothing', acceptOf, 'pictures')
    .addHelpText('after', '\nExample:\n  $ swarmlog up --home alice --bootstrap 127.0.0.1:49737')
    .action(action<UpOptions>(surroundings, runEngine));
  program
    .command('dht')
    .description('run a small local DHT to bootstrap from, until Ctrl-C')
    .option('--port <n>', 'the UDP port of the node to bootstrap from; a free one otherwise', portOf, 0)
    .option('--host <ip>', 'the address to listen on', '127.0.0.1')
    .addHelpText('after', '\nExample:\n  $ swarmlog dht --port 49737')
    .action(action<DhtOptions>(surroundings, runDht));
}

async function runEngine({ context, options: { bootstrap, host, accept } }: CommandUse<UpOptions>): Promise<void> {
  const { output, signal } = context;
  const engine = await createEngine({
    home: context.home(),
    bootstrap,
    host,
    policy: { auto: accept },
    log: createPinoLog(context.logLevel),
    signal,
  });
  await using _ = engine;
  await using __ = await serveControl(context.home(), createControlHandler(engine));
  const { account, addresses } = engine;
  output.value({ ...account, addresses });
  output.line(`${account.name} (${account.uri}) is up on ${addresses.join(', ')}; Ctrl-C ends it`);
  await ended(signal);
}

async function runDht({ context: { output, signal }, options: { port, host } }: CommandUse<DhtOptions>): Promise<void> {
  await using dht = await createLocalDht({ port, host });
  const bootstrap = `${dht.host}:${dht.port}`;
  output.value({ bootstrap });
  output.line(bootstrap);
  output.remark('Ctrl-C ends it.');
  await ended(signal);
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('a port is a number up to 65535.');
  return port;
}

function acceptOf(text: string): UpOptions['accept'] {
  if (text === 'pictures' || text === 'all' || text === 'nothing') return text;
  throw new InvalidArgumentError('it is one of pictures, all, nothing.');
}
