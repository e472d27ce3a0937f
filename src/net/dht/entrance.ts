import { isSyncError } from '../../errors.ts';
import { ENTRANCE_PORT_TRIES } from '../../limits.ts';
import type { Gate } from '../gate/gate-adapter.ts';

/** A gate and a node of the DHT at ports of one number, so that one address stands for both. */
export interface Entrance<Node> {
  readonly gate: Gate;
  readonly node: Node;
}

export interface EntranceParts<Node> {
  /** 0 is any free port. Throws LISTEN_FAILED. */
  openGate(port: number): Promise<Gate>;
  /** Throws LISTEN_FAILED. */
  startNode(port: number): Promise<Node>;
}

/** Where any port will do: what is free for TCP at one address may be taken for UDP, or at another. Throws what the parts do. */
export async function openEntrance<Node>(
  port: number,
  { openGate, startNode }: EntranceParts<Node>,
): Promise<Entrance<Node>> {
  for (let tries = 1; ; tries += 1) {
    let gate: Gate | undefined;
    try {
      gate = await openGate(port);
      return { gate, node: await startNode(gate.port) };
    } catch (error) {
      await gate?.close();
      if (port !== 0 || tries === ENTRANCE_PORT_TRIES || !isSyncError(error, 'LISTEN_FAILED')) throw error;
    }
  }
}
