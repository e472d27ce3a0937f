import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { writeDurably } from '../../durable-file-adapter.ts';
import { fileFailure } from '../../errors.ts';
import type { ConversationId } from '../../ids.ts';
import { formatSegment, parseSegment } from '../../segment.ts';
import type { Rows } from '../log/interaction-store.ts';
import type { LogCheckpoint } from './log-checkpoint.ts';

/** Changes whenever a segment is written otherwise, or the same commit is read as something else than before. */
const VERSION = 4;

/**
 * The checkpoint of a conversation: `swarmlog-checkpoint` in its git directory, a line that says of what it is and then
 * segments, to which more are added. A kill while one is added leaves a torn one at the end, which the next one replaces;
 * for the same reason nothing is flushed.
 */
export function openLogCheckpoint(directory: string, conversation: ConversationId): LogCheckpoint {
  const gitDirectory = join(directory, '.git');
  const path = join(gitDirectory, 'swarmlog-checkpoint');
  const title = Buffer.from(`swarmlog-checkpoint ${VERSION} ${conversation}\n`);
  /** Where the next segment goes; 0 while there is no file of ours. */
  let end = 0;

  async function* load(): AsyncIterable<Rows> {
    end = 0;
    // What cannot be read is as good as not there. In one piece: a long log has hundreds of segments, and each read waits its turn.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (!title.equals(bytes.subarray(0, title.byteLength))) return;
    for (end = title.byteLength; ; await breathe()) {
      const segment = parseSegment(bytes, end);
      if (!segment) return;
      end = segment.end;
      yield segment.value as Rows;
    }
  }

  async function begin(): Promise<void> {
    await writeDurably(path, title, { temporaryIn: gitDirectory, flush: false });
    end = title.byteLength;
  }

  async function add(segment: Uint8Array): Promise<void> {
    await using file = await open(path, 'r+');
    await file.truncate(end);
    await file.write(segment, 0, segment.byteLength, end);
    end += segment.byteLength;
  }

  return {
    load,
    async append(stretches) {
      try {
        for (const rows of stretches) {
          // A log that is too short for a stretch has no file.
          if (end === 0) await begin();
          await add(formatSegment(rows));
          await breathe();
        }
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
    async drop() {
      end = 0;
      // If it stays, the next one takes its place; until then it is dropped at every start.
      await rm(path, { force: true }).catch(() => {});
    },
  };
}
