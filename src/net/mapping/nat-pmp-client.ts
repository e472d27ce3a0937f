import { ROUTER_ANSWER_MS } from '../../limits.ts';
import { askRouter } from './ask-router-adapter.ts';
import {
  decodeAddressAnswer,
  decodeMapAnswer,
  encodeAddressRequest,
  encodeMapRequest,
  type NatPmpMap,
} from './nat-pmp-message.ts';
import { ROUTER_PORTS, type RouterAt, secondsOf } from './router-at.ts';
import type { AskOptions, RouterClient } from './router-client.ts';

/** The NAT Port Mapping Protocol, which PCP came after. */
export function createNatPmpClient(at: RouterAt): RouterClient {
  const { router, ports = ROUTER_PORTS } = at;
  const to = [{ host: router, port: ports.control }];
  const asking = { what: 'Asking the router by NAT-PMP', ms: ROUTER_ANSWER_MS, to };

  const addressOutside = ({ signal }: AskOptions) =>
    askRouter({ ...asking, bytes: encodeAddressRequest(), read: decodeAddressAnswer }, { ...at, signal });

  function ask(request: NatPmpMap, { signal }: AskOptions): Promise<NatPmpMap> {
    const read = (bytes: Uint8Array) => decodeMapAnswer(bytes, request.internalPort);
    return askRouter({ ...asking, bytes: encodeMapRequest(request), read }, { ...at, signal });
  }

  return {
    protocol: 'nat-pmp',
    async map({ internal, externalPort, lifetimeMs }, options) {
      // Who cannot say where it is has nothing to give; it is better asked before than after.
      const host = await addressOutside(options);
      const request = { internalPort: internal.port, externalPort, lifetimeSeconds: secondsOf(lifetimeMs) };
      const mapped = await ask(request, options);
      return { external: { host, port: mapped.externalPort }, lifetimeMs: mapped.lifetimeSeconds * 1000 };
    },
    async unmap({ internal }, options) {
      await ask({ internalPort: internal.port, externalPort: 0, lifetimeSeconds: 0 }, options);
    },
  };
}
