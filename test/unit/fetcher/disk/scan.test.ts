import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type KnownFile, type ScannableFile, type ScannedFile, scanFiles } from '../../../../src/fetcher/disk/scan.ts';
import { knownFrom, scanRecord } from '../../../../src/fetcher/disk/scan-records.ts';
import type { Digester } from '../../../../src/fetcher/ports.ts';
import { ConversationId, Digest } from '../../../../src/ids.ts';
import { announcedFiles, files } from '../../../../src/projections/files.ts';
import { evolveJournal, initialJournalState } from '../../../../src/projections/journal/journal-state.ts';
import { members } from '../../../../src/projections/members.ts';
import { requestsFor } from '../../../../src/projections/plan/requests-for.ts';
import { project } from '../../../../src/projections/projection.ts';
import { expectedRecording, recordedInteractions, recordedPath } from '../../../support/events/interactions.ts';
import { announcedFile, someBytes } from '../../../support/fetcher/announced-file.ts';
import { inlineBatchDisk as disk } from '../../../support/fetcher/inline-batch-disk.ts';
import { temporaryDirectory } from '../../../support/folders/temporary-directory.ts';
import { only } from '../../../support/only.ts';
import { thrownBy } from '../../../support/thrown.ts';

const BYTES = someBytes(1000);
const FILE = announcedFile(BYTES);
const signal = new AbortController().signal;

/** Hashes in place and counts how often. */
function countingDigester(onHash: () => Promise<void> = async () => {}): Digester & { count: number } {
  const never = () => expect.fail('a scan hashes whole files only');
  return {
    ...{ count: 0, isContended: false, follow: never },
    async identify(path) {
      this.count += 1;
      const hash = createHash('sha3-512');
      for await (const chunk of createReadStream(path)) hash.update(chunk);
      await onHash();
      return { digest: Digest.parse(hash.digest('hex')) };
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function scan(
  dataDir: string,
  options: { file?: ScannableFile; digester?: Digester; known?: KnownFile | undefined } = {},
) {
  const { file = FILE, digester = countingDigester(), known } = options;
  return only(await collect(scanFiles({ dataDir, files: [file], disk, digester, signal, known: () => known })));
}

async function collect<File extends ScannableFile>(
  scan: AsyncIterable<readonly ScannedFile<File>[]>,
): Promise<readonly ScannedFile<File>[]> {
  const all: ScannedFile<File>[] = [];
  for await (const some of scan) all.push(...some);
  return all;
}

describe('scanFiles', () => {
  const longer = new Uint8Array([...BYTES, 1]);
  const other = someBytes(1000, 2);
  it.each([
    ['complete when size and digest are right', { name: BYTES }, { state: 'complete', bytes: 1000 }],
    ['missing when there is nothing', {}, { state: 'missing', bytes: 0 }],
    ['partial when the file is shorter', { name: BYTES.subarray(0, 400) }, { state: 'partial', bytes: 400 }],
    [
      'partial when only the temporary file is there',
      { tmp: BYTES.subarray(0, 400) },
      { state: 'partial', bytes: 400 },
    ],
    ['corrupt when the digest is another', { name: other }, { state: 'corrupt', bytes: 1000 }],
    ['corrupt when the file is longer', { name: longer }, { state: 'corrupt', bytes: 1001 }],
    ['complete whatever the temporary file holds', { name: BYTES, tmp: other }, { state: 'complete', bytes: 1000 }],
  ])('finds a file %s', async (_, { name, tmp }: { name?: Uint8Array; tmp?: Uint8Array }, expected) => {
    const directory = await temporaryDirectory();
    if (name) await writeFile(join(directory, FILE.fileId), name);
    if (tmp) await writeFile(join(directory, `${FILE.fileId}.tmp`), tmp);
    expect(await scan(directory)).toMatchObject(expected);
  });

  it('calls a deleted file deleted, whatever lies here', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, FILE.fileId), BYTES);
    const deleted = { ...FILE, isDeleted: true };
    expect(await scan(directory, { file: deleted })).toMatchObject({ state: 'deleted', bytes: 1000 });
  });

  it('tells an empty file from none', async () => {
    const directory = await temporaryDirectory();
    const file = announcedFile(new Uint8Array());
    expect(await scan(directory, { file })).toMatchObject({ state: 'missing' });
    await writeFile(join(directory, file.fileId), '');
    expect(await scan(directory, { file })).toMatchObject({ state: 'complete' });
  });

  it('finds everything missing in a folder that is not there', async () => {
    expect(await scan(join(await temporaryDirectory(), 'nowhere'))).toMatchObject({
      state: 'missing',
      stamp: undefined,
    });
  });

  it('follows links, and takes a dangling one, or a ring of them, for nothing', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, FILE.fileId);
    await writeFile(join(directory, 'elsewhere'), BYTES);
    await symlink(join(directory, 'elsewhere'), path);
    expect(await scan(directory)).toMatchObject({ state: 'complete' });
    await rm(join(directory, 'elsewhere'));
    expect(await scan(directory)).toMatchObject({ state: 'missing' });
    await symlink(path, join(directory, 'elsewhere'));
    expect(await scan(directory)).toMatchObject({ state: 'missing' });
  });

  it('takes a folder in the file’s place for a corrupt file, and does not read it', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, FILE.fileId));
    const digester = countingDigester();
    expect(await scan(directory, { digester })).toMatchObject({ state: 'corrupt', bytes: 0 });
    expect(digester.count).toBe(0);
  });

  it('hashes a file again only when its size, time or inode has changed', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, FILE.fileId);
    await writeFile(path, BYTES);
    const digester = countingDigester();
    const { stamp } = await scan(directory, { digester });
    const known = stamp && { stamp, isComplete: true };
    expect(await scan(directory, { digester, known })).toMatchObject({ state: 'complete' });
    expect(digester.count).toBe(1);

    await utimes(path, 1, 1);
    expect(await scan(directory, { digester, known })).toMatchObject({ state: 'complete' });
    expect(digester.count).toBe(2);

    await writeFile(`${path}.new`, someBytes(1000, 3));
    await utimes(`${path}.new`, (stamp?.mtimeMs ?? 0) / 1000, (stamp?.mtimeMs ?? 0) / 1000);
    await rename(`${path}.new`, path);
    expect(await scan(directory, { digester, known })).toMatchObject({ state: 'corrupt' });
    expect(digester.count).toBe(3);
  });

  it('does not hash a file again that is known to be corrupt', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, FILE.fileId), someBytes(1000, 2));
    const digester = countingDigester();
    const { stamp } = await scan(directory, { digester });
    const known = stamp && { stamp, isComplete: false };
    expect(await scan(directory, { digester, known })).toMatchObject({ state: 'corrupt' });
    expect(digester.count).toBe(1);
  });

  it('does not call a file complete that changed while it was hashed', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, FILE.fileId);
    await writeFile(path, BYTES);
    const digester = countingDigester(() => utimes(path, 7, 7));
    expect(await scan(directory, { digester })).toMatchObject({ state: 'corrupt' });
  });

  it('stops when told to', async () => {
    const stopped = scanFiles({
      dataDir: await temporaryDirectory(),
      files: [FILE],
      disk,
      digester: countingDigester(),
      signal: AbortSignal.abort(new Error('enough')),
    });
    await expect(collect(stopped)).rejects.toThrow('enough');
  });

  it('says which file may not be looked at', async () => {
    const { data } = await thrownBy('FILE_FAILED', () => scan('x'.repeat(5000)));
    expect(data.path).toContain(FILE.fileId);
  });
});

describe('scanRecord', () => {
  it('journals each finding once', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, FILE.fileId);
    let journal = initialJournalState;
    const kindsAfter = async (change: () => Promise<unknown>) => {
      await change();
      const kinds: unknown[] = [];
      for (let turn = 0; turn < 2; turn += 1) {
        const found = await scan(directory, { known: knownFrom(journal)(FILE.interaction) });
        const record = scanRecord(journal, found, { conversation: FILE.conversation, now: 5 });
        if (!record) continue;
        kinds.push('state' in record ? record.state : record.kind);
        journal = evolveJournal(journal, record);
      }
      return kinds;
    };
    expect(await kindsAfter(async () => {})).toEqual([]);
    expect(await kindsAfter(() => writeFile(path, BYTES.subarray(1)))).toEqual(['partial']);
    expect(await kindsAfter(() => writeFile(path, BYTES))).toEqual(['file-verified']);
    expect(await kindsAfter(() => writeFile(path, someBytes(1000, 2)))).toEqual(['corrupt']);
    expect(await kindsAfter(() => rm(path))).toEqual(['missing']);
  });
});

describe('the recorded conversation', () => {
  const Transfers = z.object({
    conversationId: ConversationId,
    fileTransfers: z.array(
      z.object({
        id: z.string(),
        totalSize: z.coerce.number(),
        presentOn: z.record(z.string(), z.object({ state: z.string() })),
      }),
    ),
    devices: z.record(z.string(), z.string()),
  });
  const { fileTransfers, conversationId } = expectedRecording(Transfers);
  const announced = [...announcedFiles(project(files, recordedInteractions()))];
  const scanOf = (holder: string) =>
    collect(
      scanFiles({
        dataDir: recordedPath(`conversation_data/${holder}`),
        files: announced,
        disk,
        digester: countingDigester(),
        signal,
      }),
    );

  it.each(['alice', 'bob', 'alice2'])('is on the disk of %s as another implementation found it', async (holder) => {
    const scanned = await scanOf(holder);
    const found = Object.fromEntries(scanned.map(({ file, state }) => [file.interaction as string, state]));
    const expected = fileTransfers.map(({ id, totalSize, presentOn }) => {
      const state = presentOn[holder]?.state ?? '';
      // The fixtures leave out what is bigger than 1 MiB.
      if (totalSize > 1024 * 1024) return [id, 'missing'];
      return [id, state === `partial:${totalSize}` ? 'corrupt' : state];
    });
    expect(found).toEqual(Object.fromEntries(expected));
  });

  it('makes the second device of alice ask for everything but the one file it has', async () => {
    const complete = new Set(
      (await scanOf('alice2')).filter(({ state }) => state === 'complete').map(({ file }) => file.interaction),
    );
    const history = recordedInteractions();
    const membersState = project(members, history);
    const alice = only([...membersState.members.values()].filter(({ role }) => role === 'admin'));
    const [first, second] = [...alice.devices];
    if (!first || !second) return expect.fail('alice has two devices');
    const requests = requestsFor({
      conversation: conversationId,
      files: project(files, history),
      members: membersState,
      device: second,
      isComplete: (interaction) => complete.has(interaction),
    });
    expect(requests).toHaveLength(17);
    for (const { to, deviceId } of requests) {
      expect(deviceId).toBe(second);
      expect(to).toHaveLength(2);
      expect(to).not.toContain(second);
    }
    expect(requests[0]?.to[0]).toBe(first);
    const fromBob = requests.find(({ interaction }) => interaction.startsWith('44775b50'));
    expect(fromBob?.to[1]).toBe(first);
  });
});
