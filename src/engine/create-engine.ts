import { setMaxListeners } from 'node:events';
import { removeUnfinished } from '../conversation/conversation-directory-adapter.ts';
import { isSyncError, SyncError } from '../errors.ts';
import { createWorkerDigester } from '../fetcher/digest/worker-digester-adapter.ts';
import { createBandwidth } from '../fetcher/pace/bandwidth.ts';
import { createWorkerBatchDisk } from '../fetcher/small/worker-batch-disk-adapter.ts';
import { loadDeviceKeys } from '../identity/account-store-adapter.ts';
import { parseAddress } from '../net/address.ts';
import { createNet } from '../net/create-net.ts';
import { openRingStore } from '../net/records/ring-store-adapter.ts';
import type { Log } from '../ports.ts';
import { interruptedRecords } from '../projections/journal/journal-state.ts';
import { DEFAULT_POLICY } from '../projections/policy/policy.ts';
import { createClosers } from './closers.ts';
import { openAll } from './commits/clones.ts';
import { createPeerHandlers } from './devices/peer-handlers.ts';
import { turnServerOf } from './devices/relay-options.ts';
import type { Engine, EngineChange, EngineOptions } from './engine.ts';
import { frontOf } from './engine-front.ts';
import type { EngineParts } from './engine-parts.ts';
import { createFeed } from './feed.ts';
import { createChunkParts } from './files/fetch/chunk-parts.ts';
import { createLiveProgress } from './files/progress/live-progress.ts';
import { journalDirectoryOf, openHome } from './home/home-adapter.ts';
import { openJournal } from './journal/hypercore-adapter.ts';
import { openJournalCheckpoint } from './journal/journal-checkpoint-adapter.ts';
import { openJournalKeeper } from './journal/journal-keeper.ts';
import { nodeClock, nodeRandom } from './node-ports-adapter.ts';
import { wire } from './wire.ts';

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {} };

/**
 * Starts an engine on a home: opens its conversations, looks at its files, announces the device, keeps links to the
 * people of the conversations, and gets back what is missing.
 *
 * Throws HOME_EMPTY, HOME_IN_USE, HOME_TOO_NEW, KEY_UNUSABLE, STORE_CORRUPT, USAGE for a bad address, relay or rate,
 * BOOTSTRAP_UNREACHABLE, LISTEN_FAILED, DEVICE_REVOKED; then nothing runs and the home is as it was.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const closers = createClosers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(options: EngineOptions, closers: ReturnType<typeof createClosers>): Promise<Engine> {
  const { log = SILENT, policy = DEFAULT_POLICY } = options;
  const bootstrap = options.bootstrap.map(parseAddress);
  const relays = (options.relays ?? []).map(turnServerOf);
  const bandwidth = createBandwidth(nodeClock, options.bandwidth);
  const parts = await openParts(options.home, { log, closers });
  const ended = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
  // Whatever waits in the engine waits on this signal: that there are many is no leak.
  setMaxListeners(0, signal);
  const engineParts: EngineParts = { ...parts, bandwidth, policy, signal, end: (reason) => ended.abort(reason) };
  const wired = wire(engineParts);
  closers.add(async () => void (await Promise.all([...parts.live.values()].map(({ log }) => log.close()))));
  closers.add(() => wired.idle());
  const end = async () => ended.abort(new SyncError('CANCELLED', { what: 'The engine' }));
  // Twice, because closing goes backwards: what waits has to be told to end before it is waited for, with a net or without.
  closers.add(end);

  await wired.disks.look();
  const directory = parts.home.conversationsDirectory;
  await removeUnfinished(directory);
  for await (const conversation of openAll(engineParts)) await wired.growth.take(conversation);
  await wired.standing.load();
  if (wired.standing.isRevoked(parts.keys)) throw new SyncError('DEVICE_REVOKED', { device: parts.keys.device });
  const { keys, clock, random } = engineParts;
  const handlers = createPeerHandlers({ ...engineParts, ...wired });
  const net = await createNet({
    keys,
    dhtSeed: parts.home.dhtSeed,
    rings: openRingStore(parts.home.ringsPath),
    ...{ bootstrap, relays, clock, random, log, handlers, signal },
    ...(options.host !== undefined && { host: options.host }),
    ...(options.paths && { paths: options.paths }),
    ...(options.lan !== undefined && { lan: options.lan }),
    ...(options.portMapping && { portMapping: true }),
  });
  closers.add(() => net.close());
  closers.add(() => wired.fetcher.close());
  closers.add(end);
  wired.startOn(net);
  return frontOf({ ...engineParts, ...wired, net, directory, close: closers.close });
}

type OpenedParts = Omit<EngineParts, 'bandwidth' | 'policy' | 'signal' | 'end'>;

/** What the home holds, opened. The journal comes first: who holds it holds the home. */
async function openParts(
  path: string,
  { log, closers }: Pick<EngineParts, 'log'> & { readonly closers: ReturnType<typeof createClosers> },
): Promise<OpenedParts> {
  const clock = nodeClock;
  const keys = await loadDeviceKeys(path, { now: clock.now() });
  const journal = await openJournal(await journalDirectoryOf(path)).catch((error: unknown) => {
    throw isSyncError(error, 'HOME_IN_USE') ? new SyncError('HOME_IN_USE', { path }, { cause: error }) : error;
  });
  closers.add(() => journal.close());
  const home = await openHome(path);
  const digester = createWorkerDigester();
  closers.add(async () => digester[Symbol.asyncDispose]());
  const chunks = createChunkParts(home);
  closers.add(async () => chunks.checker[Symbol.asyncDispose]());
  const batchDisk = createWorkerBatchDisk();
  closers.add(async () => batchDisk[Symbol.asyncDispose]());
  const feed = createFeed<EngineChange>(supersedes);
  closers.add(async () => feed.end());
  const plans = createFeed<'planned'>((planned) => planned);
  closers.add(async () => plans.end());
  const live: EngineParts['live'] = new Map();
  const progress = createLiveProgress(clock);
  const keeper = await openJournalKeeper(journal, log, openJournalCheckpoint(home.journalCheckpointPath));
  closers.add(() => keeper.close());
  keeper.recordAll(interruptedRecords(keeper.state(), clock.now()));
  return {
    keys,
    home,
    clock,
    random: nodeRandom,
    log,
    digester,
    batchDisk,
    ...chunks,
    keeper,
    progress,
    feed,
    plans,
    live,
  };
}

/** Of the progress of one transfer only the newest matters to a slow reader, unless its phase changed. */
function supersedes({ change }: EngineChange): string | undefined {
  if (change.kind !== 'transfer') return undefined;
  const { interaction, direction, phase } = change.transfer;
  return `${interaction} ${direction} ${phase}`;
}
