import { urlAt } from './ssdp-message.ts';
import { partsOf, textOf } from './xml-text.ts';

/** What of a router opens ports, and where it is told to. */
export interface PortControl {
  /** `urn:schemas-upnp-org:service:…`, as the router names it. */
  readonly type: string;
  readonly control: URL;
}

/** Best first: a router may list several, of which the one for dialled connections is often not in use. */
const TYPES = ['WANIPConnection:2', 'WANIPConnection:1', 'WANPPPConnection:1'].map(
  (name) => `urn:schemas-upnp-org:service:${name}`,
);

/** Finds it in a router's description of itself, read from `location`. Undefined when there is none at that router. */
export function portControlIn(description: string, location: URL): PortControl | undefined {
  const services = partsOf('service', description).flatMap((part): PortControl[] => {
    const type = textOf('serviceType', part);
    const control = urlAt(textOf('controlURL', part) ?? '', location.hostname, location);
    return type === undefined || control === undefined ? [] : [{ type, control }];
  });
  return TYPES.map((type) => services.find((service) => service.type === type)).find((found) => found !== undefined);
}
