import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { writeDurably } from '../../durable-file-adapter.ts';
import { errorCodeOf } from '../../error-code.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { DHT_HEALTH_MS, DHT_NODES_KEPT } from '../../limits.ts';
import { formatAddress, parseAddress } from '../../net/address.ts';
import { createLocalDht, type KeptDht, type LocalDht } from '../../net/dht/local-dht-adapter.ts';
import { parseJson } from '../../parse-json.ts';
import type { CommandUse } from '../context.ts';
import { type DhtHealth, sayDhtHealth } from '../words/dht-health.ts';

export interface DhtOptions {
  readonly port: number;
  readonly host: string;
  /** Where devices are let in by TCP, besides `host`. */
  readonly gateHost: readonly string[];
  /** Nodes of the DHT to be part of. */
  readonly bootstrap: readonly string[];
  /** The path of what an earlier run knew, and this one will have known. */
  readonly state?: string;
}

const Port = z.number().int().min(1).max(65_535);
const StateFile = z.object({
  version: z.literal(1),
  ports: z.array(Port).max(16),
  nodes: z.array(z.strictObject({ host: z.ipv4(), port: Port })).max(DHT_NODES_KEPT),
});

/** Until it is told to stop, says how it is now and then, and writes down whom it knows. */
export async function runDht(use: CommandUse<DhtOptions>): Promise<void> {
  const { port, host, gateHost: gateHosts, bootstrap: joined, state } = use.options;
  const { output, signal } = use.context;
  const kept = state === undefined ? undefined : await readState(state);
  await using dht = await createLocalDht({
    ...{ port, host, gateHosts, bootstrap: joined.map(parseAddress) },
    ...(kept && { kept }),
  });
  if (state !== undefined) await writeState(state, dht);
  const bootstrap = `${dht.host}:${dht.port}`;
  const gates = gateHosts.map((gate) => formatAddress({ host: gate, port: dht.port }));
  output.value({ bootstrap, ...(gates.length > 0 && { gates }) });
  for (const address of [bootstrap, ...gates]) output.line(address);
  output.remark('Ctrl-C ends it.');
  while (!signal.aborted) {
    await delay(DHT_HEALTH_MS, undefined, { signal }).catch(() => {});
    if (!signal.aborted) sayDhtHealth(output, healthOf(dht));
    if (state !== undefined) await writeState(state, dht);
  }
}

function healthOf(dht: LocalDht): DhtHealth {
  const { ports, nodes } = dht.kept();
  return { ownNodes: ports.length, otherNodes: nodes.length };
}

/** Undefined when there was no earlier run. Throws USAGE, FILE_FAILED. */
async function readState(path: string): Promise<KeptDht | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  }
  const state = StateFile.safeParse(parseJson(text));
  if (state.success) return state.data;
  throw new SyncError('USAGE', {
    detail: `${path} was not written by "swarmlog dht"; name another file, or remove it.`,
  });
}

async function writeState(path: string, dht: LocalDht): Promise<void> {
  const text = `${JSON.stringify({ version: 1, ...dht.kept() })}\n`;
  try {
    await writeDurably(path, text, { temporaryIn: dirname(path) });
  } catch (error) {
    throw fileFailure(path, error);
  }
}
