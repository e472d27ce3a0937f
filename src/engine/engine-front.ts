import { isSyncError } from '../errors.ts';
import type { Net } from '../net/net.ts';
import { refusedHeads } from '../projections/journal/quarantine.ts';
import { holdingBans } from './conversations/ban-view.ts';
import { createConversations } from './conversations/conversations.ts';
import type { Engine, EngineStatus } from './engine.ts';
import type { EngineParts } from './engine-parts.ts';
import { transferViews } from './files/views/transfer-views.ts';
import { waitingViews } from './files/views/waiting-views.ts';
import type { DiskShortage } from './home/disk-room.ts';
import type { Wired } from './wire.ts';

export interface FrontParts extends EngineParts, Wired {
  readonly net: Net;
  /** The folder of all conversations. */
  readonly directory: string;
  close(): Promise<void>;
}

/** The engine as the library's users hold it. */
export function frontOf(parts: FrontParts): Engine {
  const { keys, keeper, net, live, feed, fetcher, bandwidth, standing, disks, close } = parts;
  const account = { uri: keys.account, device: keys.device, name: keys.name };
  const ended = endOf(parts);
  return {
    account,
    get addresses() {
      return net.addresses;
    },
    conversations: createConversations(parts),
    get links() {
      return net.links();
    },
    status: () => ({
      ...withShortage(disks.forCommits.shortage()),
      account,
      links: net.links(),
      dht: net.dht(),
      portMapping: net.portMapping(),
      transfers: [...live.values()]
        .flatMap((conversation) => transferViews(conversation, parts))
        .filter(({ subTransfers }) => subTransfers.length > 0),
      waiting: waitingViews(live, parts),
      requests: fetcher.requestCounts(),
      refused: refusedHeads(keeper.state().quarantine),
      bans: holdingBans(live, keeper.state()),
    }),
    changes: ({ signal }) => feed.subscribe({ signal: AbortSignal.any([signal, parts.signal]) }),
    ended,
    takeRevocations: standing.load,
    bandwidth: bandwidth.limits,
    limitBandwidth: bandwidth.change,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function withShortage(diskShortage: DiskShortage | undefined): Pick<EngineStatus, 'diskShortage'> {
  return diskShortage ? { diskShortage } : {};
}

/** Closes the engine when its signal fires; settles when that is done. */
function endOf({ signal, close }: Pick<FrontParts, 'signal' | 'close'>): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const end = () => {
      const settle = () => (isSyncError(signal.reason, 'DEVICE_REVOKED') ? reject(signal.reason) : resolve());
      close().then(settle, reject);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
  // Most users do not wait for it.
  ended.catch(() => {});
  return ended;
}
