/** Requests to a router's service and its answers (UPnP Device Architecture 1.1 §3). */
import { SyncError } from '../../errors.ts';
import { escapeXml, textOf } from './xml-text.ts';

export interface SoapRequest {
  readonly action: string;
  /** In the order that the service declares. */
  readonly arguments: readonly (readonly [name: string, value: string])[];
}

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
const ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';

export function formatSoap(serviceType: string, { action, arguments: named }: SoapRequest): string {
  const values = named.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('');
  return [
    '<?xml version="1.0"?>',
    `<s:Envelope xmlns:s="${ENVELOPE}" s:encodingStyle="${ENCODING}"><s:Body>`,
    `<u:${action} xmlns:u="${serviceType}">${values}</u:${action}>`,
    '</s:Body></s:Envelope>',
  ].join('\n');
}

/** Somebody else has the port outside already. */
export const CONFLICT = 718;

/** WANIPConnection:2 §2.7, of those that have to do with us. */
const REASONS: Readonly<Record<number, string>> = {
  401: 'it does not know the request',
  402: 'it found the request malformed',
  501: 'it failed to do so',
  606: 'it is set up not to',
  [CONFLICT]: 'the port outside belongs to somebody else',
  724: 'it only opens a port outside that has the same number inside',
  725: 'it only opens ports for ever, and who opens one for ever may not be there to close it',
  728: 'it has no room for more',
};

/** The number of the error that an answer tells of; undefined when it tells of none. */
export function soapErrorIn(answer: string): number | undefined {
  const code = Number(textOf('errorCode', answer));
  return Number.isInteger(code) ? code : undefined;
}

export function soapRefusal(code: number | undefined, status: number): SyncError<'ROUTER_REFUSED'> {
  const detail = code === undefined ? `error ${status}` : (REASONS[code] ?? `error ${code}`);
  return new SyncError('ROUTER_REFUSED', { protocol: 'UPnP', detail });
}
