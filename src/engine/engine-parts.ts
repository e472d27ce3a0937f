/** What the parts of a running engine share. Put together once, in `create-engine.ts`. */
import type { SyncError } from '../errors.ts';
import type { ChunkLists } from '../fetcher/chunks/chunk-lists.ts';
import type { Bandwidth } from '../fetcher/pace/bandwidth.ts';
import type { BatchDisk, ChunkChecker, Digester } from '../fetcher/ports.ts';
import type { DeviceKeys } from '../identity/identity.ts';
import type { ConversationId } from '../ids.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Policy } from '../projections/policy/policy.ts';
import type { LiveConversation } from './conversations/live-conversation.ts';
import type { EngineChange } from './engine.ts';
import type { Feed } from './feed.ts';
import type { LiveProgress } from './files/progress/live-progress.ts';
import type { Home } from './home/home-adapter.ts';
import type { JournalKeeper } from './journal/journal-keeper.ts';

export interface EngineParts {
  readonly keys: DeviceKeys;
  readonly home: Home;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly digester: Digester;
  readonly checker: ChunkChecker;
  readonly chunkLists: ChunkLists;
  readonly batchDisk: BatchDisk;
  readonly keeper: JournalKeeper;
  readonly bandwidth: Bandwidth;
  readonly progress: LiveProgress;
  /** What is fetched without asking the user. */
  readonly policy: Policy;
  readonly feed: Feed<EngineChange>;
  /** Tells that a plan was made that knows all facts so far. */
  readonly plans: Feed<'planned'>;
  /** Every conversation of the home, by id. */
  readonly live: Map<ConversationId, LiveConversation>;
  /** Fires when the engine ends. */
  readonly signal: AbortSignal;
  /** Ends the engine for a reason of its own. */
  end(reason: SyncError): void;
}
