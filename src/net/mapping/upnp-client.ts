import { SyncError } from '../../errors.ts';
import { MAPPING_PORT_TRIES, ROUTER_SEARCH_MS } from '../../limits.ts';
import { ipBytes } from '../ip-address.ts';
import { askRouter } from './ask-router-adapter.ts';
import { askByHttp } from './http-adapter.ts';
import { type PortControl, portControlIn } from './port-control.ts';
import { ROUTER_PORTS, type RouterAt, secondsOf } from './router-at.ts';
import type { AskOptions, MappingAsk, RouterClient } from './router-client.ts';
import { CONFLICT, formatSoap, type SoapRequest, soapErrorIn, soapRefusal } from './soap-message.ts';
import { formatSearch, locationIn, SSDP_GROUP } from './ssdp-message.ts';
import { textOf } from './xml-text.ts';

/** What the router shows beside the port, to who looks at its list of open ones. */
const DESCRIPTION = 'swarmlog';
/** Ports below are other programs' by custom. */
const FIRST_FREE_PORT = 1024;

interface Answered {
  readonly error: number | undefined;
  readonly status: number;
  readonly text: string;
}

/** UPnP's Internet Gateway Device, versions 1 and 2. It is looked for once, and again when it does not answer any more. */
export function createUpnpClient(at: RouterAt): RouterClient {
  const { random } = at;
  let known: PortControl | undefined;

  async function run(request: SoapRequest, { signal }: AskOptions): Promise<Answered> {
    const service = known ?? (await findControl(at, signal));
    known = undefined;
    const headers = {
      'Content-Type': 'text/xml; charset="utf-8"',
      SOAPAction: `"${service.type}#${request.action}"`,
    };
    const body = formatSoap(service.type, request);
    const { status, text } = await askByHttp(service.control, { method: 'POST', headers, body }, { ...at, signal });
    const error = status === 200 ? undefined : soapErrorIn(text);
    // Anything else is no answer of that service.
    if (status === 200 || error !== undefined) known = service;
    return { error, status, text };
  }

  async function runWell(request: SoapRequest, options: AskOptions): Promise<string> {
    const { error, status, text } = await run(request, options);
    if (status !== 200) throw soapRefusal(error, status);
    return text;
  }

  /** The port that was got: the one that was wanted, or another if that is somebody else's. */
  async function addMapping(ask: MappingAsk, options: AskOptions): Promise<number> {
    let { externalPort } = ask;
    for (let tries = 1; ; tries += 1) {
      const { error, status } = await run(additionOf({ ...ask, externalPort }), options);
      if (status === 200) return externalPort;
      if (error !== CONFLICT || tries === MAPPING_PORT_TRIES) throw soapRefusal(error, status);
      externalPort = FIRST_FREE_PORT + random.below(2 ** 16 - FIRST_FREE_PORT);
    }
  }

  return {
    protocol: 'upnp',
    async map(ask, options) {
      const told = await runWell({ action: 'GetExternalIPAddress', arguments: [] }, options);
      const host = textOf('NewExternalIPAddress', told) ?? '';
      if (ipBytes(host) === undefined)
        throw new SyncError('MALFORMED', { what: 'address from the router', detail: 'it is no IP address' });
      return { external: { host, port: await addMapping(ask, options) }, lifetimeMs: ask.lifetimeMs };
    },
    async unmap(ask, options) {
      await runWell({ action: 'DeletePortMapping', arguments: endOutside(ask) }, options);
    },
  };
}

function additionOf(ask: MappingAsk): SoapRequest {
  const { internal, lifetimeMs } = ask;
  const inside = [
    ['NewInternalPort', String(internal.port)],
    ['NewInternalClient', internal.host],
    ['NewEnabled', '1'],
    ['NewPortMappingDescription', DESCRIPTION],
    ['NewLeaseDuration', String(secondsOf(lifetimeMs))],
  ] as const;
  return { action: 'AddPortMapping', arguments: [...endOutside(ask), ...inside] };
}

/** Anybody may connect to it. */
function endOutside({ externalPort }: MappingAsk) {
  return [
    ['NewRemoteHost', ''],
    ['NewExternalPort', String(externalPort)],
    ['NewProtocol', 'TCP'],
  ] as const;
}

/** The router is asked by itself and, as not all listen to that, together with everything on its network. */
async function findControl(at: RouterAt, signal: AbortSignal): Promise<PortControl> {
  const { router, ports = ROUTER_PORTS } = at;
  const question = {
    what: 'Looking for a router that speaks UPnP',
    ms: ROUTER_SEARCH_MS,
    bytes: Buffer.from(formatSearch(), 'latin1'),
    to: [{ host: router, port: ports.search }, SSDP_GROUP],
    read: (bytes: Uint8Array) => locationIn(Buffer.from(bytes).toString('latin1'), router),
  };
  const location = await askRouter(question, { ...at, signal });
  const { status, text } = await askByHttp(location, { method: 'GET' }, { ...at, signal });
  const service = status === 200 ? portControlIn(text, location) : undefined;
  if (service === undefined)
    throw new SyncError('ROUTER_REFUSED', { protocol: 'UPnP', detail: 'it describes no service that opens ports' });
  return service;
}
