import { ROUTER_ANSWER_MS } from '../../limits.ts';
import { askRouter } from './ask-router-adapter.ts';
import { decodePcp, encodePcp, type PcpAnswer, type PcpRequest } from './pcp-message.ts';
import { ROUTER_PORTS, type RouterAt, secondsOf } from './router-at.ts';
import type { AskOptions, MappingAsk, RouterClient } from './router-client.ts';

/** The Port Control Protocol. A client's mappings are its own: no other program can take them away by accident. */
export function createPcpClient(at: RouterAt): RouterClient {
  const { router, random, ports = ROUTER_PORTS } = at;
  const nonce = random.bytes(12);

  function ask(request: PcpRequest, { signal }: AskOptions): Promise<PcpAnswer> {
    const question = {
      what: 'Asking the router by PCP',
      ms: ROUTER_ANSWER_MS,
      bytes: encodePcp(request),
      to: [{ host: router, port: ports.control }],
      read: (bytes: Uint8Array) => decodePcp(bytes, request),
    };
    return askRouter(question, { ...at, signal });
  }

  const requestFor = ({ internal, externalPort }: MappingAsk) => ({ nonce, internal, externalPort });
  return {
    protocol: 'pcp',
    async map(wanted, options) {
      const lifetime = secondsOf(wanted.lifetimeMs);
      const { external, lifetimeSeconds } = await ask({ ...requestFor(wanted), lifetimeSeconds: lifetime }, options);
      return { external, lifetimeMs: lifetimeSeconds * 1000 };
    },
    async unmap(wanted, options) {
      await ask({ ...requestFor(wanted), lifetimeSeconds: 0 }, options);
    },
  };
}
