import { messageOf } from '../../errors.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import { formatAddress } from '../address.ts';
import type { HostChoice } from '../addresses/host-choice.ts';
import { readInterfaces } from '../addresses/interfaces-adapter.ts';
import { usableAddresses } from '../addresses/own-address.ts';
import { readDefaultRoutes } from '../mapping/default-gateway-adapter.ts';
import { routerClients } from '../mapping/keep-port.ts';
import { type GotPort, uselessness } from '../mapping/mapping-machine.ts';
import { RouterDesk, type RouterDeskOptions } from '../mapping/router-desk.ts';
import type { Finding } from './finding.ts';

export interface MappingExamination {
  readonly hosts: HostChoice;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Ports that nobody has for good (RFC 6335 §6). */
const [FIRST_DYNAMIC_PORT, DYNAMIC_PORTS] = [49_152, 16_384];

/** Has the router open a port on which nobody listens, and close it at once. Throws the signal's reason. */
export async function examineMapping(options: MappingExamination): Promise<Finding> {
  const { hosts, clock, random, log } = options;
  const port = FIRST_DYNAMIC_PORT + random.below(DYNAMIC_PORTS);
  return examineRouter(options.signal, {
    own: { list: () => usableAddresses(readInterfaces(), hosts) },
    portAt: () => port,
    readRoutes: readDefaultRoutes,
    makeClients: (place) => routerClients({ ...place, clock, random }),
    log,
  });
}

/** The same at any router. */
export async function examineRouter(signal: AbortSignal, options: RouterDeskOptions): Promise<Finding> {
  const desk = new RouterDesk(options);
  const answer = await desk.ask(undefined, { signal });
  if (answer.kind === 'failed')
    return { check: 'mapping', outcome: 'problem', subject: 'router', says: `no port is opened. ${answer.reason}` };
  const { port } = answer;
  const left = await desk.giveBack(port, { signal }).then(
    () => '',
    (error: unknown) => `, but does not close it again: ${messageOf(error)}`,
  );
  return { check: 'mapping', subject: port.router, ...verdictOn(port, left) };
}

function verdictOn(port: GotPort, left: string): Pick<Finding, 'outcome' | 'says'> {
  const useless = uselessness(port);
  if (useless !== undefined) return { outcome: 'problem', says: `${useless}${left}` };
  const says = `the router opens ports (${port.protocol}), and is at ${formatAddress(port.external)} outside${left}`;
  return { outcome: left === '' ? 'ok' : 'problem', says };
}
