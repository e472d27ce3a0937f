/** `kill -9` in the middle of a file, on either side: what is here already is kept, and the rest comes. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openJournal } from '../../src/engine/journal/hypercore-adapter.ts';
import type { RecordOf } from '../../src/events/journal-record.ts';
import { type RunningCli, startCli } from '../support/cli/built-program.ts';
import { type Device, startEngine, until } from '../support/cli/device.ts';
import { pathOf, type TwoDevices, twoDevices } from '../support/cli/two-devices.ts';

const MiB = 1024 * 1024;
const FILE_BYTES = 32 * MiB;
/** So much has arrived when the process is killed: more than a checkpoint, and far from the end. */
const MIDDLE_BYTES = 12 * MiB;
/** Bytes a second up to then: a middle that takes seconds is missed by nobody, however busy the machine. */
const SLOW = '4M';

interface Status {
  transfers: { direction: string; phase: string; subTransfers: { phase: string; bytes: number; failure?: string }[] }[];
}

interface Scene extends Pick<TwoDevices, 'alice' | 'bob' | 'conversation' | 'bootstrap'> {
  readonly engines: { alice: RunningCli; bob: RunningCli };
  /** `fetch --wait` at Bob. */
  readonly fetching: RunningCli;
  /** Where the file is to stand at Bob. */
  readonly target: string;
  readonly digest: string;
}

/** Bob is receiving a big file from Alice, and some of it is here. */
async function inTheMiddle(): Promise<Scene> {
  const stage = await twoDevices();
  const { folder, alice, bob, bootstrap, conversation } = stage;
  const engines = {
    alice: await startEngine(alice, bootstrap, '--limit-up', SLOW),
    bob: await startEngine(bob, bootstrap),
  };
  onTestFinished(async () => {
    await Promise.all([engines.alice.kill('SIGKILL'), engines.bob.kill('SIGKILL')]);
    await stage[Symbol.asyncDispose]();
  });
  const bytes = randomBytes(FILE_BYTES);
  const digest = createHash('sha3-512').update(bytes).digest('hex');
  const path = join(folder, 'recording.bin');
  writeFileSync(path, bytes);
  const [sent] = await alice.json<{ fileId: string }>('send-file', conversation, path);
  const target = pathOf(bob, conversation, sent?.fileId ?? '');
  await until(async () => (await alice.head()) === (await bob.head()));
  const fetching = startCli(['fetch', conversation, '--wait', '--json', '--home', bob.home]);
  await until(() => sizeOf(`${target}.tmp`) >= MIDDLE_BYTES);
  // Some of it was flushed, and that is written down.
  await until(() => isJournalled(bob, '"kind":"chunks-checked"'));
  return { alice, bob, bootstrap, conversation, engines, fetching, target, digest };
}

it('a receiver that was killed goes on where it stood, and ends with the right file', async () => {
  const scene = await inTheMiddle();
  const { bob, engines, bootstrap, target } = scene;
  await engines.bob.kill('SIGKILL');
  expect(existsSync(target)).toBe(false);
  expect(sizeOf(`${target}.tmp`)).toBeLessThan(FILE_BYTES);
  expect(await scene.fetching.ended()).toMatchObject({ code: 2, stderr: expect.stringContaining('No engine') });

  expect(await scene.alice.json('limits', '--up', 'none')).toEqual([{}]);
  engines.bob = await startEngine(bob, bootstrap);
  await until(() => existsSync(target));
  await expectWhole(scene);
  // A device has one share, that of its latest try. What was checked before is not asked for again.
  expect(await sharesOf(bob)).toMatchObject([{ phase: 'complete' }]);
  const { checked, ends } = await triesOf(scene);
  // A sender that is held up for seconds loses its share as well, so that there may be more tries than two.
  const [killed, last] = [ends.find(({ outcome }) => outcome === 'interrupted'), ends.at(-1)];
  expect(last?.outcome).toBe('complete');
  expect(last?.bytes).toBeLessThanOrEqual(FILE_BYTES - checked);
  expect(checked).toBeGreaterThan(0);
  expect(killed?.bytes).toBeGreaterThanOrEqual(checked);
});

it('a file whose sender was killed comes to its end when the sender is back', async () => {
  const scene = await inTheMiddle();
  const { alice, bob, engines, bootstrap, target, fetching } = scene;
  await engines.alice.kill('SIGKILL');
  await until(async () => (await sharesOf(bob)).every(({ phase }) => phase === 'failed'));
  expect(existsSync(target)).toBe(false);
  expect(sizeOf(`${target}.tmp`)).toBeGreaterThanOrEqual(MIDDLE_BYTES);

  engines.alice = await startEngine(alice, bootstrap);
  const { code, stdout } = await fetching.ended();
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, outcome: 'complete', from: [alice.device] });
  await expectWhole(scene);
  const shares = await sharesOf(bob);
  expect(shares.at(-1)?.phase).toBe('complete');
  expect(shares.at(-1)?.bytes).toBeLessThan(FILE_BYTES);
});

async function expectWhole({ target, digest, bob, conversation }: Scene): Promise<void> {
  expect(createHash('sha3-512').update(readFileSync(target)).digest('hex')).toBe(digest);
  expect(readdirSync(dirname(target)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const log = join(bob.home, 'conversations', conversation);
  expect(await bob.json('verify', log)).toMatchObject([{ valid: true }]);
}

async function sharesOf(device: Device): Promise<Status['transfers'][number]['subTransfers']> {
  const { transfers } = await device.ask<Status>('status');
  return transfers.find(({ direction }) => direction === 'receiving')?.subTransfers ?? [];
}

/** Whether the text stands in the journal's own files: nobody else may open the journal while an engine runs. */
function isJournalled({ home }: Device, text: string): boolean {
  const folder = join(home, 'journal', 'db');
  return readdirSync(folder).some((name) => bytesOf(join(folder, name)).includes(text));
}

/** None for a file that the database has just removed. */
function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

interface Tries {
  readonly ends: readonly RecordOf<'sub-transfer-ended'>[];
  /** Bytes that were checked and flushed before the first of them ended. */
  readonly checked: number;
}

/** What Bob's journal says. Ends his engine first: nobody else may open the journal while it runs. */
async function triesOf({ bob, engines }: Scene): Promise<Tries> {
  await engines.bob.kill('SIGKILL');
  await using journal = await openJournal(join(bob.home, 'journal'));
  const ends: RecordOf<'sub-transfer-ended'>[] = [];
  let checked = 0;
  for await (const { record } of journal.read(0)) {
    if (record.kind === 'sub-transfer-ended') ends.push(record);
    if (record.kind === 'chunks-checked' && ends.length === 0)
      checked = record.ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  }
  return { ends, checked };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
