/** A router on the loopback that opens ports as it is told to: by PCP, NAT-PMP and UPnP. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RouterAt } from '../../../src/net/mapping/router-at.ts';
import { realClock, realRandom } from '../time/real-clock.ts';

const HOST = '127.0.0.1';

export interface FakeRouter extends AsyncDisposable {
  /** How to speak to it. */
  readonly at: RouterAt;
  /** Ports outside, and where inside they lead. */
  readonly open: Map<number, string>;
  /** What it was asked, in its own words. */
  readonly asked: string[];
}

export interface FakeRouterOptions {
  /** What comes on the port for PCP and NAT-PMP; undefined says nothing. */
  readonly control?: (bytes: Buffer, router: FakeRouter) => Uint8Array | undefined;
  /** What comes on the port for SSDP. `base` is where its web server is. */
  readonly search?: (text: string, base: string) => string | undefined;
  readonly http?: (request: { url: string; action: string; body: string }, router: FakeRouter) => HttpReply;
}

export interface HttpReply {
  readonly status: number;
  readonly text: string;
}

export async function startFakeRouter(options: FakeRouterOptions): Promise<FakeRouter> {
  const [control, search] = [createSocket('udp4'), createSocket('udp4')];
  const web = createServer();
  for (const socket of [control, search]) {
    socket.bind(0, HOST);
    await once(socket, 'listening');
  }
  await once(web.listen(0, HOST), 'listening');
  const base = `http://${HOST}:${(web.address() as AddressInfo).port}`;
  const ports = { control: control.address().port, search: search.address().port };
  const router: FakeRouter = {
    at: { router: HOST, from: HOST, clock: realClock, random: realRandom, ports },
    open: new Map(),
    asked: [],
    async [Symbol.asyncDispose]() {
      await Promise.all([closed(control), closed(search), closed(web)]);
    },
  };
  control.on('message', (bytes, { port }) => {
    router.asked.push(bytes.toString('hex'));
    const answer = options.control?.(bytes, router);
    if (answer !== undefined) control.send(answer, port, HOST);
  });
  search.on('message', (bytes, { port }) => {
    const answer = options.search?.(bytes.toString('latin1'), base);
    if (answer !== undefined) search.send(answer, port, HOST);
  });
  web.on('request', async (request, response) => {
    const action = String(request.headers['soapaction'] ?? '').replace(/^"[^#]*#|"$/g, '');
    router.asked.push(action === '' ? String(request.url) : action);
    const body = await bodyOf(request);
    const { status, text } = options.http?.({ url: String(request.url), action, body }, router) ?? NOT_FOUND;
    response.writeHead(status, { 'Content-Type': 'text/xml' }).end(text);
  });
  return router;
}

const NOT_FOUND: HttpReply = { status: 404, text: '' };

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
}

function closed(what: Socket | Server): Promise<void> {
  return new Promise((resolve) => what.close(() => resolve()));
}

const OUTSIDE = [11, 0, 0, 11];

/** NAT-PMP as RFC 6886 has it. */
export function natPmp(request: Buffer, { open }: Pick<FakeRouter, 'open'>): Uint8Array {
  const [version, operation = 0] = request;
  if (version !== 0) return Buffer.from([0, operation | 128, 0, 1, 0, 0, 0, 7]);
  if (operation === 0) return Buffer.from([0, 128, 0, 0, 0, 0, 0, 7, ...OUTSIDE]);
  const [inside, wanted, seconds] = [request.readUInt16BE(4), request.readUInt16BE(6), request.readUInt32BE(8)];
  const outside = keep(open, { inside, wanted, seconds });
  const answer = Buffer.alloc(16);
  answer.set([0, operation | 128]);
  answer.writeUInt16BE(inside, 8);
  answer.writeUInt16BE(outside, 10);
  answer.writeUInt32BE(seconds, 12);
  return answer;
}

/** PCP's MAP as RFC 6887 has it. */
export function pcp(request: Buffer, { open }: Pick<FakeRouter, 'open'>): Uint8Array {
  const [inside, wanted, seconds] = [request.readUInt16BE(40), request.readUInt16BE(42), request.readUInt32BE(4)];
  const answer = Buffer.from(request);
  answer.writeUInt8(0x81, 1);
  answer.writeUInt32BE(7, 8);
  answer.fill(0, 12, 24);
  answer.writeUInt16BE(keep(open, { inside, wanted, seconds }), 42);
  answer.set([...new Uint8Array(10), 0xff, 0xff, ...OUTSIDE], 44);
  return answer;
}

interface Keep {
  readonly inside: number;
  readonly wanted: number;
  readonly seconds: number;
}

function keep(open: Map<number, string>, { inside, wanted, seconds }: Keep): number {
  const end = `${HOST}:${inside}`;
  const had = [...open].find(([, target]) => target === end)?.[0];
  if (had !== undefined) open.delete(had);
  if (seconds === 0) return 0;
  open.set(wanted, end);
  return wanted;
}

/** An answer to a search, which points to the router's description of itself. */
export function searchAnswer(location: string): string {
  const type = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';
  return [`HTTP/1.1 200 OK`, `ST: ${type}`, `LOCATION: ${location}`, 'EXT:', '', ''].join('\r\n');
}

const SERVICE = 'urn:schemas-upnp-org:service:WANIPConnection:1';

export function description(control: string, type = SERVICE): string {
  const service = (name: string, url: string) =>
    `<service><serviceType>${name}</serviceType><SCPDURL>/scpd.xml</SCPDURL><controlURL>${url}</controlURL></service>`;
  return `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceList><device><serviceList>
    ${service('urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1', '/common')}
    ${service(type, control)}</serviceList></device></deviceList></device></root>`;
}

/** A router's web server: how it describes itself, and its service. `taken` are ports outside that are somebody else's. */
export function igd(taken: Pick<ReadonlySet<number>, 'has'> = new Set()): NonNullable<FakeRouterOptions['http']> {
  return ({ url, action, body }, { open }) => {
    const value = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(body)?.[1] ?? '';
    const port = Number(value('NewExternalPort'));
    if (url === '/desc.xml') return { status: 200, text: description('/control') };
    switch (action) {
      case 'GetExternalIPAddress':
        return done(action, `<NewExternalIPAddress>${OUTSIDE.join('.')}</NewExternalIPAddress>`);
      case 'AddPortMapping':
        if (taken.has(port)) return fault(718);
        open.set(port, `${value('NewInternalClient')}:${value('NewInternalPort')}`);
        return done(action);
      case 'DeletePortMapping':
        if (value('NewProtocol') !== 'TCP' || !open.delete(port)) return fault(714);
        return done(action);
      default:
        return fault(401);
    }
  };
}

export function fault(code: number): HttpReply {
  const detail = `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode></UPnPError>`;
  return {
    status: 500,
    text: envelope(`<s:Fault><faultstring>UPnPError</faultstring><detail>${detail}</detail></s:Fault>`),
  };
}

function done(action: string, values = ''): HttpReply {
  return { status: 200, text: envelope(`<u:${action}Response xmlns:u="${SERVICE}">${values}</u:${action}Response>`) };
}

function envelope(body: string): string {
  return `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
}
