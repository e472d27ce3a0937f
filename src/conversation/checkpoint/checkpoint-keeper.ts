import { messageOf } from '../../errors.ts';
import { CHECKPOINT_SEGMENT } from '../../limits.ts';
import type { Log } from '../../ports.ts';
import type { LogState } from '../log/log-state.ts';
import type { LogCheckpoint } from './log-checkpoint.ts';

/** Keeps a log's checkpoint behind the log. */
export interface CheckpointKeeper {
  /** The log may have grown: what makes a whole segment is kept, beside whatever else is done. */
  follow(): void;
  /** Keeps the rest of a log that is long enough to have a checkpoint. */
  close(): Promise<void>;
}

export interface CheckpointKeeperParts {
  readonly log: Pick<LogState, 'takeUnkept'> & { readonly graph: Pick<LogState['graph'], 'size'> };
  readonly checkpoint: LogCheckpoint | undefined;
  readonly report: Pick<Log, 'warn'>;
}

/** A checkpoint that cannot be written is left as it is: the next start reads more commits, and nothing else comes of it. */
export function createCheckpointKeeper({ log, checkpoint, report }: CheckpointKeeperParts): CheckpointKeeper {
  let keeping = Promise.resolve();
  let hasFailed = checkpoint === undefined;

  async function keep(atLeast: number): Promise<void> {
    if (hasFailed || !checkpoint) return;
    try {
      await checkpoint.append(log.takeUnkept(atLeast));
    } catch (error) {
      // What comes after a gap would have parents that are not there.
      hasFailed = true;
      report.warn('a checkpoint cannot be written', { reason: messageOf(error) });
    }
  }

  function follow(): void {
    keeping = keeping.then(() => keep(CHECKPOINT_SEGMENT));
  }

  return {
    follow,
    async close() {
      follow();
      await keeping;
      if (log.graph.size >= CHECKPOINT_SEGMENT) await keep(1);
    },
  };
}
