import type { Address } from '../address.ts';
import { ANY_PORT, startNode } from './hyperdht-adapter.ts';

/** What the nodes of a DHT say about this machine. */
export interface DhtSight {
  /** Nodes that answer. */
  readonly nodes: number;
  /** From where they see us come; undefined when too few have said so. */
  readonly seenAt: Address | undefined;
  /** Each node sees another port. */
  readonly isPortChanging: boolean;
}

/** Joins for a moment, without announcing anything. Throws LISTEN_FAILED. */
export async function lookAtDht(bootstrap: readonly Address[], host: string): Promise<DhtSight> {
  const node = await startNode({ bootstrap: [...bootstrap], host, port: ANY_PORT });
  try {
    const seenAt = node.host === null ? undefined : { host: node.host, port: node.port };
    return { nodes: node.toArray().length, seenAt, isPortChanging: node.randomized };
  } finally {
    await node.destroy({ force: true });
  }
}
