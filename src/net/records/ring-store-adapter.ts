import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../durable-file-adapter.ts';
import { fileFailure, SyncError } from '../../errors.ts';
import { parseJson } from '../../parse-json.ts';
import type { RingStore } from './answered-rings.ts';

const Ring = z.object({ key: z.string().regex(/^[0-9a-f]{64}$/), at: z.number().int().nonnegative() });
const RingsFile = z.object({ version: z.literal(1), rings: z.array(Ring) });

/** The rings in a file of JSON. There is none before the first one is kept. */
export function openRingStore(path: string): RingStore {
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw fileFailure(path, error);
      });
      if (text === undefined) return [];
      const { data } = RingsFile.safeParse(parseJson(text));
      if (!data) throw new SyncError('STORE_CORRUPT', { path, detail: 'it is no list of rings' });
      return data.rings.map(({ key, at }) => ({ ringKey: Buffer.from(key, 'hex'), at }));
    },
    async keep(rings) {
      const listed = rings.map(({ ringKey, at }) => ({ key: Buffer.from(ringKey).toString('hex'), at }));
      const file: z.infer<typeof RingsFile> = { version: 1, rings: listed };
      try {
        await writeDurably(path, `${JSON.stringify(file)}\n`, { temporaryIn: dirname(path), mode: 0o600 });
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
  };
}
