/** What a device does in its home beside its logs, each as an operation that can be stopped anywhere. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openHome } from '../../../src/engine/home/home-adapter.ts';
import { openJournalCheckpoint } from '../../../src/engine/journal/journal-checkpoint-adapter.ts';
import { isSyncError, SyncError } from '../../../src/errors.ts';
import { createFileStore } from '../../../src/fetcher/disk/file-store-adapter.ts';
import { placeWholeFiles } from '../../../src/fetcher/small/batch-files-adapter.ts';
import { loadDeviceKeys, unlockAccount } from '../../../src/identity/account-store-adapter.ts';
import { createCertificateStore } from '../../../src/identity/certificate-store-adapter.ts';
import { issueRevocationList } from '../../../src/identity/crl-adapter.ts';
import type { CertificateChain } from '../../../src/identity/identity.ts';
import { placeAccount } from '../../../src/identity/place-account-adapter.ts';
import { type Revocation, verifyRevocation } from '../../../src/identity/revocation.ts';
import { Digest, FileId } from '../../../src/ids.ts';
import { evolveJournalAll, initialJournalState } from '../../../src/projections/journal/journal-state.ts';
import { piecesOf } from '../../../src/projections/journal/kept-state.ts';
import { makeOlderHome, OLDER_HOME } from '../engine/older-home.ts';
import { GOLDEN_RECORDS } from '../events/journal-records.ts';
import { stagedAs } from '../fetcher/staged-as.ts';
import { secondTestDevice, TEST_NOW, testAccount, wholeTestAccount } from '../identity/accounts.ts';
import { attemptOnce, type DiskOperation, type OperationStage } from './disk-operation.ts';

const FOLDER = join('home', 'conversation_data', 'c'.repeat(40));
const fileIdOf = (tid: number) => FileId.parse(`${'a'.repeat(40)}_${tid}.ogg`);
const BYTES = Buffer.from('la la la '.repeat(1000));
const digestOf = (bytes: Uint8Array) => Digest.parse(createHash('sha3-512').update(bytes).digest('hex'));

/** A home that was opened before, and a folder of the user. */
async function prepare(directory: string): Promise<void> {
  for (const path of [directory, join(directory, 'home'), join(directory, 'user')]) mkdirSync(path);
  await openHome(join(directory, 'home'));
}

/** What stands under a file's name is the file; what was promised stands there; nothing else lies about; it all goes on. */
async function checkFiles(directory: string, promised: readonly string[]): Promise<void> {
  await checkHome(directory);
  const folder = join(directory, FOLDER);
  const store = createFileStore(folder);
  for (const staged of (await store.staged()).values()) await staged.discard();
  const names = readdirSync(join(directory, 'home', 'conversation_data')).length > 0 ? readdirSync(folder) : [];
  for (const name of names.filter((one) => !one.endsWith('.tmp')))
    if (!readFileSync(join(folder, name)).equals(BYTES)) throw new TypeError(`${name} has other bytes than the file`);
  const lost = promised.filter((name) => !names.includes(name));
  if (lost.length > 0) throw new TypeError(`lost: ${lost.join(', ')}`);
  await receive(directory, { promise: () => {}, attempt: (work) => work() });
}

async function checkHome(directory: string): Promise<void> {
  const home = join(directory, 'home');
  await openHome(home);
  const left = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /tmp_obj_|\.[0-9a-f]{12}\.tmp$/.test(name),
  );
  if (left.length > 0) throw new TypeError(`left behind: ${left.join(', ')}`);
}

async function receive(directory: string, { promise, attempt }: OperationStage): Promise<void> {
  const store = createFileStore(join(directory, FOLDER));
  await attempt(async () => {
    await using partial = await store.openPartial(fileIdOf(1));
    for (let at = 0; at < BYTES.length; at += 4000) await partial.write([BYTES.subarray(at, at + 4000)], at);
    await partial.flush();
    await partial.promote();
  });
  promise(fileIdOf(1));
}

function failureOf({ isDiskFull, detail }: { readonly isDiskFull: boolean; readonly detail: string }): SyncError {
  return isDiskFull
    ? new SyncError('DISK_FULL', { path: FOLDER })
    : new SyncError('FILE_FAILED', { path: FOLDER, detail });
}

async function receiveMany(directory: string, { promise, attempt }: OperationStage): Promise<void> {
  const tids = [1, 2, 3];
  await attempt(async () => {
    const files = tids.map((tid) => ({
      path: join(directory, FOLDER, fileIdOf(tid)),
      digest: digestOf(BYTES),
      bytes: BYTES,
    }));
    for (const placement of await placeWholeFiles(files))
      if (placement.outcome === 'failed') throw failureOf(placement);
  });
  for (const tid of tids) promise(fileIdOf(tid));
}

/** The user's file was written a moment ago, and never flushed. */
async function announce(directory: string, { promise, attempt }: OperationStage): Promise<void> {
  const from = join(directory, 'user', 'song.ogg');
  await writeFile(from, BYTES);
  const store = createFileStore(join(directory, FOLDER));
  await attempt(async () => {
    const staged = await store.stage(from, stagedAs('7'));
    await staged.place(fileIdOf(7));
  });
  promise(fileIdOf(7));
}

/** An account is placed with a folder beside it, as `device import` does. Each try makes other keys, as it would. */
async function makeDevice(
  directory: string,
  { promise, attempt }: OperationStage,
  names = ['alice', 'bob'],
): Promise<void> {
  const accounts = await Promise.all(names.map((name) => wholeTestAccount(name)));
  const home = join(directory, 'home');
  await attempt(async () => {
    const { keys, chain } = accounts.shift() ?? expectTwoTries();
    const beside = (folder: string) => createCertificateStore(folder).keepDevice(chain.device.pem, issuersOf(chain));
    await placeAccount(home, { name: 'Alice', keys, chain, sealing: undefined, beside }).catch(unlessTaken);
  });
  promise((await loadDeviceKeys(home, { now: TEST_NOW })).device);
}

/** A try that failed when all but the last flush was done may have left its account behind, which is whole then. */
function unlessTaken(error: unknown): void {
  if (!isSyncError(error, 'HOME_TAKEN')) throw error;
}

function expectTwoTries(): never {
  throw new TypeError('a disk that was mended fails again');
}

const issuersOf = ({ account, authority }: CertificateChain) => account.pem + authority.pem;

/** There is the whole device with what came along, or none, and then it can be made; either way nothing else stays. */
async function checkMade(directory: string, promised: readonly string[]): Promise<void> {
  const home = join(directory, 'home');
  const made = await loadDeviceKeys(home, { now: TEST_NOW }).catch((error: unknown) => {
    if (!isSyncError(error, 'HOME_EMPTY') || promised.length > 0) throw error;
  });
  if (!made) await makeDevice(directory, { promise: () => {}, attempt: attemptOnce }, ['carol']);
  const { device } = made ?? (await loadDeviceKeys(home, { now: TEST_NOW }));
  await unlockAccount(home, { now: TEST_NOW });
  await checkDevices(directory, [device]);
  const strays = readdirSync(home).filter((name) => name.startsWith('new-account-'));
  if (strays.length > 0) throw new TypeError(`left behind: ${strays.join(', ')}`);
}

async function openFirst(directory: string, { promise, attempt }: OperationStage): Promise<void> {
  const home = await attempt(() => openHome(join(directory, 'home')));
  promise(Buffer.from(home.dhtSeed).toString('hex'));
}

async function checkSeed(directory: string, promised: readonly string[]): Promise<void> {
  await checkHome(directory);
  const { dhtSeed } = await openHome(join(directory, 'home'));
  const seed = Buffer.from(dhtSeed).toString('hex');
  if (promised.some((one) => one !== seed)) throw new TypeError('the device has another key in the DHT');
}

async function keepDevice(directory: string, { promise, attempt }: OperationStage): Promise<void> {
  const { chain } = await testAccount('alice');
  const store = createCertificateStore(join(directory, 'home'));
  await attempt(() => store.keepDevice(chain.device.pem, chain.account.pem + chain.authority.pem));
  promise(chain.device.longId);
}

async function checkDevices(directory: string, promised: readonly string[]): Promise<void> {
  await checkHome(directory);
  const known = await createCertificateStore(join(directory, 'home')).devices();
  const lost = promised.filter((id) => !known.some(({ certificate }) => certificate.longId === id));
  if (lost.length > 0) throw new TypeError(`lost: ${lost.join(', ')}`);
}

/** Nothing of the older home is lost, not even what could be made again. */
function requireAllOf(home: string): void {
  const { chunkList, hashes } = OLDER_HOME;
  if (!readFileSync(join(home, 'cache', 'chunk_hashes', chunkList)).equals(hashes))
    throw new TypeError('the chunk list is another');
  if (readdirSync(home).includes('chunk_hashes')) throw new TypeError('the chunk lists are in their old place');
}

let revocation: Promise<Revocation> | undefined;

/** Of a second device of Alice's, by her account. */
function madeRevocation(): Promise<Revocation> {
  revocation ??= (async () => {
    const [{ keys, chain }, second] = await Promise.all([wholeTestAccount('alice'), secondTestDevice('alice')]);
    const issuer = chain.account;
    const serials = [second.chain.device.serial];
    const list = await issueRevocationList({ issuer, key: keys.account, serials, after: [], now: TEST_NOW });
    const issuers = chain.account.pem + chain.authority.pem;
    return verifyRevocation({ list: list.der, issuers, devices: [second.chain.device.pem] });
  })();
  return revocation;
}

async function isRevoked(home: string, device: string): Promise<boolean> {
  const kept = await createCertificateStore(home).revocations();
  return kept.some(({ devices }) => [...devices.keys()].some((id) => id === device));
}

/** As `revokeDevice` does it, with a list that was signed before: nothing is done where it is known already. */
async function revoke(directory: string, { promise, attempt }: OperationStage): Promise<void> {
  const home = join(directory, 'home');
  const made = await madeRevocation();
  const [device = ''] = made.devices.keys();
  await attempt(async () => {
    if (!(await isRevoked(home, device))) await createCertificateStore(home).keepRevocation(made);
  });
  promise(device);
}

async function checkRevoked(directory: string, promised: readonly string[]): Promise<void> {
  await checkHome(directory);
  const home = join(directory, 'home');
  for (const id of promised) if (!(await isRevoked(home, id))) throw new TypeError('the device is no longer revoked');
  await revoke(directory, { promise: () => {}, attempt: attemptOnce });
  const [device = ''] = (await madeRevocation()).devices.keys();
  if (!(await isRevoked(home, device))) throw new TypeError('the device cannot be revoked');
}

const foldPath = (directory: string) => join(directory, 'home', 'cache', 'journal_checkpoint');
const foldOf = (length: number) => ({
  ...{ length, fingerprint: `of ${length} records` },
  state: evolveJournalAll(initialJournalState, Object.values(GOLDEN_RECORDS).slice(0, length)),
});
const FOLDS = [4, 12].map(foldOf);

async function keepFolds(directory: string, { attempt }: OperationStage): Promise<void> {
  for (const fold of FOLDS) await attempt(() => openJournalCheckpoint(foldPath(directory)).keep(fold));
}

/** Nothing is promised of it: but what is there is one of the two, whole. */
async function checkFold(directory: string): Promise<void> {
  await checkHome(directory);
  const found = await openJournalCheckpoint(foldPath(directory)).load();
  const kept = FOLDS.find(({ fingerprint }) => fingerprint === found?.fingerprint);
  if (found && !isDeepStrictEqual([...piecesOf(found.state)], kept && [...piecesOf(kept.state)]))
    throw new TypeError(`${found.fingerprint} is not what was kept`);
  await keepFolds(directory, { promise: () => {}, attempt: attemptOnce });
}

export const HOME_OPERATIONS: Readonly<Record<string, DiskOperation>> = {
  'making a device': {
    prepare: (directory) => void mkdirSync(directory),
    run: (directory, stage) => makeDevice(directory, stage),
    check: checkMade,
  },
  'opening a home for the first time': {
    prepare(directory) {
      for (const path of [directory, join(directory, 'home')]) mkdirSync(path);
    },
    run: openFirst,
    check: checkSeed,
  },
  'opening a home of an older program': {
    prepare(directory) {
      mkdirSync(directory);
      makeOlderHome(join(directory, 'home'));
    },
    run: openFirst,
    async check(directory, promised) {
      await checkSeed(directory, promised);
      requireAllOf(join(directory, 'home'));
    },
  },
  'revoking a device': { prepare, run: revoke, check: checkRevoked },
  'receiving a file': { prepare, run: receive, check: checkFiles },
  'receiving small files': { prepare, run: receiveMany, check: checkFiles },
  'announcing a file': { prepare, run: announce, check: checkFiles },
  "keeping the journal's fold": { prepare, run: keepFolds, check: checkFold },
  'keeping a certificate': { prepare, run: keepDevice, check: checkDevices },
};
