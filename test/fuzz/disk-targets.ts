/** What lies on the disk of a device, one file of it changed: a coded error, or as if nothing had been. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyHistory } from '../../src/conversation/judge/verify-history.ts';
import { packObjects } from '../../src/conversation/repository/packs/pack-writer.ts';
import { createRepository, openRepository } from '../../src/conversation/repository/repository-adapter.ts';
import { openHome } from '../../src/engine/home/home-adapter.ts';
import { openJournal } from '../../src/engine/journal/hypercore-adapter.ts';
import { isSyncError } from '../../src/errors.ts';
import { createAccountIn, loadDeviceKeys, unlockAccount } from '../../src/identity/account-store-adapter.ts';
import { createCertificateStore } from '../../src/identity/certificate-store-adapter.ts';
import { ObjectId } from '../../src/ids.ts';
import { GOLDEN_RECORDS } from '../support/events/journal-records.ts';
import { memoryObjects, reachableFrom, writeHistory } from '../support/git/git-objects.ts';
import { TEST_NOW, testRandom, wholeTestAccount } from '../support/identity/accounts.ts';
import type { Draw } from './draw.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { FuzzTarget } from './target.ts';

const { signal } = new AbortController();
const root = mkdtempSync(join(tmpdir(), 'swarmlog-fuzz-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
let copies = 0;

interface OnDisk {
  readonly name: string;
  /** Makes the folder as it is before. */
  make(folder: string): Promise<void>;
  read(folder: string): Promise<void>;
}

/** An input is a line with the name of a file, and then the file's bytes. */
async function onDisk({ name, make, read }: OnDisk): Promise<FuzzTarget> {
  const folder = join(root, name);
  await make(folder);
  const files = filesIn(folder);
  return {
    name,
    waits: true,
    draw(draw) {
      const file = draw.pick(files);
      return Buffer.concat([Buffer.from(`${file}\n`), changed(readFileSync(join(folder, file)), draw)]);
    },
    async read(input) {
      const end = input.indexOf(0x0a);
      const copy = join(root, `copy-${copies++}`);
      try {
        cpSync(folder, copy, { recursive: true });
        const file = join(copy, Buffer.from(input.subarray(0, end)).toString());
        rmSync(file);
        writeFileSync(file, input.subarray(end + 1));
        await read(copy);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    },
  };
}

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return names.filter((name) => statSync(join(folder, name)).isFile());
}

function changed(bytes: Uint8Array, draw: Draw): Uint8Array {
  return draw.oneIn(10) ? new Uint8Array() : mutateBytes(bytes, draw);
}

async function makeHome(folder: string): Promise<void> {
  const { keys, chain } = await wholeTestAccount('alice');
  await createAccountIn(folder, { name: 'Alice', keys, now: TEST_NOW, random: testRandom });
  await openHome(folder);
  await createCertificateStore(folder).keepDevice(chain.device.pem, chain.account.pem + chain.authority.pem);
}

async function readHome(folder: string): Promise<void> {
  const everything = [
    () => loadDeviceKeys(folder, { now: TEST_NOW }),
    () => unlockAccount(folder, { now: TEST_NOW }),
    () => openHome(folder),
    () => createCertificateStore(folder).devices(),
  ];
  for (const look of everything) await codedAtMost(look);
}

/** A broken part must not hide the others from being looked at. */
async function codedAtMost(look: () => Promise<unknown>): Promise<void> {
  await look().catch((error: unknown) => {
    if (!isSyncError(error)) throw error;
  });
}

/** Loose objects, a pack, a head, a work tree. */
async function makeRepository(folder: string): Promise<void> {
  await using repository = await createRepository(folder);
  const packed = memoryObjects();
  const early = await writeHistory(packed, 6);
  const ids = [...packed.all.keys()].map((id) => ObjectId.parse(id));
  await using staged = await repository.stagePack(packObjects(packed, ids), { signal });
  await staged.keep();
  const to = (await writeHistory(repository, 3, early.at(-1))).at(-1);
  if (to === undefined) throw new TypeError('there is no history');
  await repository.moveHead({ from: undefined, to });
  await repository.checkOut();
}

async function readRepository(folder: string): Promise<void> {
  await using repository = await openRepository(folder);
  await repository.refs();
  const head = await repository.head();
  if (head === undefined) return;
  await codedAtMost(() => reachableFrom(repository.objects, head));
  await codedAtMost(() => verifyHistory(repository, { signal }));
  const to = (await writeHistory(repository, 1, head)).at(-1);
  if (to !== undefined) await repository.moveHead({ from: head, to });
}

async function makeJournal(folder: string): Promise<void> {
  // Opened twice, so that there are tables beside the log.
  for (let time = 0; time < 2; time++) {
    await using journal = await openJournal(folder);
    await journal.append(Object.values(GOLDEN_RECORDS));
  }
}

async function readJournal(folder: string): Promise<void> {
  await using journal = await openJournal(folder);
  await codedAtMost(async () => {
    for await (const _ of journal.read(0));
  });
  await journal.append(Object.values(GOLDEN_RECORDS));
}

export const DISK_TARGETS: readonly FuzzTarget[] = [
  await onDisk({ name: 'home-on-disk', make: makeHome, read: readHome }),
  await onDisk({ name: 'repository-on-disk', make: makeRepository, read: readRepository }),
  await onDisk({ name: 'journal-on-disk', make: makeJournal, read: readJournal }),
];
