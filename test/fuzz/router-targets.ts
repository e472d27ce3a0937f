/** What a router answers when it is asked for a port, or whoever answers in its place. */
import { decodeAddressAnswer, decodeMapAnswer } from '../../src/net/mapping/nat-pmp-message.ts';
import { decodePcp, encodePcp, type PcpRequest } from '../../src/net/mapping/pcp-message.ts';
import { portControlIn } from '../../src/net/mapping/port-control.ts';
import { soapErrorIn } from '../../src/net/mapping/soap-message.ts';
import { locationIn } from '../../src/net/mapping/ssdp-message.ts';
import { textOf } from '../../src/net/mapping/xml-text.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { FuzzTarget } from './target.ts';

const ROUTER = '192.0.2.1';
const PORT = 4711;

/** RFC 6886 §3.2, §3.3: an address, a mapping, a refusal. */
const NAT_PMP_ANSWERS = ['00800000000000014cb3fe07', '00820000000000011267126700000e10', '0082000300000001'].map(
  (hex) => Buffer.from(hex, 'hex'),
);

function readNatPmp(input: Uint8Array): void {
  for (const read of [decodeAddressAnswer, (bytes: Uint8Array) => decodeMapAnswer(bytes, PORT)]) read(input);
}

const REQUEST: PcpRequest = {
  ...{ nonce: new Uint8Array(12).fill(7), internal: { host: '192.0.2.7', port: PORT } },
  ...{ externalPort: PORT, lifetimeSeconds: 3600 },
};
/** RFC 6887 §7.2: the request again, marked as an answer. */
const PCP_ANSWER = Buffer.from(encodePcp(REQUEST)).fill(0x81, 1, 2);

const FOUND = [
  'HTTP/1.1 200 OK',
  'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  `LOCATION: http://${ROUTER}:5000/rootDesc.xml`,
  '',
  '',
].join('\r\n');
const DESCRIBED = [
  '<?xml version="1.0"?><root><device><serviceList>',
  '<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>/ctl/IPConn</controlURL></service>',
  '<service><serviceType>urn:schemas-upnp-org:service:WANPPPConnection:1</serviceType><controlURL>/ctl/PPP&amp;x</controlURL></service>',
  '</serviceList></device></root>',
].join('\n');
const REFUSED =
  '<s:Fault><detail><u:UPnPError xmlns:u="x"><u:errorCode>718</u:errorCode></u:UPnPError></detail></s:Fault>';
const TOLD = '<s:Body><u:Answer><NewExternalIPAddress>198.51.100.7</NewExternalIPAddress></u:Answer></s:Body>';

/** One of them much longer, now and then: no text may cost more than one pass over it. */
function drawUpnp(draw: Draw): Uint8Array {
  const text = mutateBytes(Buffer.from(draw.pick([FOUND, DESCRIBED, REFUSED, TOLD]), 'latin1'), draw);
  return draw.oneIn(50) ? Buffer.concat(Array.from({ length: 400 }, () => text)) : text;
}

function readUpnp(input: Uint8Array): void {
  const text = Buffer.from(input).toString('latin1');
  locationIn(text, ROUTER);
  portControlIn(text, new URL(`http://${ROUTER}:5000/rootDesc.xml`));
  soapErrorIn(text);
  textOf('NewExternalIPAddress', text);
}

export const ROUTER_TARGETS: readonly FuzzTarget[] = [
  { name: 'nat-pmp-answer', draw: (draw) => mutateBytes(draw.pick(NAT_PMP_ANSWERS), draw), read: readNatPmp },
  { name: 'pcp-answer', draw: (draw) => mutateBytes(PCP_ANSWER, draw), read: (input) => decodePcp(input, REQUEST) },
  { name: 'upnp-answers', draw: drawUpnp, read: readUpnp },
];
