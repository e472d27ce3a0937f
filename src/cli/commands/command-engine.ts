/** up and dht, which run until they are told to stop, and doctor, which says what they would have to do with. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { PATH_KINDS } from '../../net/net.ts';
import { action, type Surroundings } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parsePort, parseRate } from './command-options.ts';
import type { DhtOptions } from './run-dht.ts';
import type { DoctorOptions } from './run-doctor.ts';
import type { UpOptions } from './run-engine.ts';

export function addEngineCommands(
  program: Command,
  surroundings: Surroundings,
  setExitCode: (code: ExitCode) => void,
): void {
  program
    .command('up')
    .description('run the engine of a home until Ctrl-C; the other commands talk to it')
    .option('--bootstrap <host:port...>', 'DHT nodes to start from, as `swarmlog dht` prints them')
    .option('--host <ip...>', 'the addresses to listen on and to be reached at, or `any`', ['127.0.0.1'])
    .option('--no-lan', 'do not look for devices on the local network; on the loopback nobody does')
    .option('--port-mapping', 'ask the router to let others in to this device (PCP, NAT-PMP, UPnP)')
    .option('--relays <file>', 'TURN servers with passwords; relays.json in the home by default')
    .addOption(new Option('--paths <kind...>', 'kinds of path to other devices, best first').choices(PATH_KINDS))
    .option('--accept <what>', 'what is fetched without asking: pictures, all or nothing', acceptOf, 'pictures')
    .addOption(new Option('--policy <file>', 'rules, quota and reserve in place of --accept').conflicts('accept'))
    .option('--limit-up <rate>', 'bytes of files a second to other devices, as 500K or 2M', parseRate)
    .option('--limit-down <rate>', 'the same from other devices', parseRate)
    .addHelpText('after', '\nExample:\n  $ swarmlog up --home alice --bootstrap 127.0.0.1:49737')
    .action(action<UpOptions>(surroundings, async (use) => (await runningEngine()).runEngine(use)));
  program
    .command('dht')
    .description('run a small local DHT to bootstrap from, until Ctrl-C')
    .option(
      '--port <n>',
      'the port of the node to bootstrap from, by UDP and TCP, and the four UDP ports after it; free ones otherwise',
      parsePort,
      0,
    )
    .option('--host <ip>', 'the IPv4 address to listen on', '127.0.0.1')
    .option('--gate-host <ip...>', 'further addresses to let devices in at by TCP, of IPv6 above all', [])
    .option('--bootstrap <host:port...>', 'nodes of a DHT to be part of, instead of making one', [])
    .option('--state <file>', 'where it keeps its ports and the nodes it knows for the next start')
    .addHelpText('after', '\nExample:\n  $ swarmlog dht --host 192.0.2.7 --port 49737 --state dht.json')
    .action(action<DhtOptions>(surroundings, async (use) => (await import('./run-dht.ts')).runDht(use)));
  program
    .command('doctor')
    .description('examine the network: interfaces, IPv6, ports, DHT, NAT, relays with their passwords, clock')
    .option('--bootstrap <host:port...>', 'DHT nodes to ask, as for `up`', [])
    .option('--host <ip...>', 'the addresses to examine from, as for `up`', ['127.0.0.1'])
    .option('--port-mapping', 'open a port on the router for a moment, to see whether it does so')
    .option('--relays <file>', 'TURN servers with passwords; relays.json in the home by default')
    .option(
      '--stun <host:port...>',
      'STUN servers to ask what the NAT does, besides the relays; two tell more than one',
      [],
    )
    .addHelpText(
      'after',
      '\nAsks the given nodes, relays and servers, with --port-mapping the router, and nobody else. Exits 1 when something does not work.',
    )
    .action(
      action<DoctorOptions>(surroundings, async (use) => {
        const { runDoctor } = await import('./run-doctor.ts');
        if (!(await runDoctor(use))) setExitCode(EXIT.no);
      }),
    );
}

/** Loaded when it is needed: the network alone takes longer to load than another command to be answered. */
const runningEngine = () => import('./run-engine.ts');

function acceptOf(text: string): UpOptions['accept'] {
  if (text === 'pictures' || text === 'all' || text === 'nothing') return text;
  throw new InvalidArgumentError('it is one of pictures, all, nothing.');
}
