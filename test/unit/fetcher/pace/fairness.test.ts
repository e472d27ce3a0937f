import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../../../src/engine/node-ports-adapter.ts';
import { createWorkerDigester } from '../../../../src/fetcher/digest/worker-digester-adapter.ts';
import { createBandwidth } from '../../../../src/fetcher/pace/bandwidth.ts';
import { PACE_BURST_MS, QUICK_FILE_BYTES, TRANSFERS_AT_ONCE } from '../../../../src/limits.ts';
import { announcedFile, sha3Of, someBytes } from '../../../support/fetcher/announced-file.ts';
import { createFetcherNetwork, type FetcherDevice } from '../../../support/fetcher/fetcher-network.ts';
import { put } from '../../../support/fetcher/transfer.ts';

const digester = createWorkerDigester();
afterAll(() => digester[Symbol.asyncDispose]());
const signal = new AbortController().signal;
const KIB = 1024;
const film = someBytes(QUICK_FILE_BYTES + 1);
const photo = someBytes(200 * KIB, 2);

/** Alice may send no faster than the rate; she has many films, and one photo. */
async function aliceWith(rate: { up?: number; down?: number }) {
  const network = createFetcherNetwork({ digester, clock: nodeClock });
  const { paceOf } = createBandwidth(nodeClock, rate);
  const alice = await network.join('a', { paceOf });
  const films = Array.from({ length: 2 * TRANSFERS_AT_ONCE }, (_, at) => announcedFile(film, 100 + at));
  const picture = announcedFile(photo, 7);
  network.files.push(...films, picture);
  for (const file of films) await put(alice.store, file, film);
  await put(alice.store, picture, photo);
  /** Of the films; up to the moment when half of the picture had left, if that is asked for. */
  const movedTo = ({ self }: FetcherDevice, moment: 'now' | 'half of the photo' = 'now') => {
    const leftAt = alice.progress.findIndex(
      (step) => step.file.interaction === picture.interaction && step.bytes >= photo.length / 2,
    );
    const steps = moment === 'now' ? alice.progress : alice.progress.slice(0, leftAt);
    return films
      .map((file) =>
        steps
          .filter((step) => step.file.interaction === file.interaction && step.peer === self.device)
          .map((step) => step.bytes),
      )
      .reduce((sum, bytes) => sum + Math.max(0, ...bytes), 0);
  };
  return { network, alice, films, picture, movedTo };
}

/** Wants all the films, for as long as the test takes. */
async function startFilms(device: FetcherDevice, { alice, films }: Awaited<ReturnType<typeof aliceWith>>) {
  const requests = films.map((file) => device.fetcher.request(file, alice.self.device, { signal }));
  for (const request of requests) request.catch(() => {});
  const shown = () => alice.progress.filter((step) => step.peer === device.self.device).length;
  await expect.poll(shown).toBeGreaterThan(8);
}

describe('a picture', () => {
  it('overtakes films that fill all slots and the bandwidth', async () => {
    const setting = await aliceWith({ up: 2048 * KIB });
    const bob = await setting.network.join('b');
    await startFilms(bob, setting);
    const before = setting.movedTo(bob);
    expect(await bob.fetcher.request(setting.picture, setting.alice.self.device, { signal })).toEqual({
      outcome: 'complete',
    });
    expect(sha3Of(await readFile(bob.store.pathOf(setting.picture.fileId)))).toBe(setting.picture.digest);
    // It got half of what moved meanwhile; the films go on.
    expect(setting.movedTo(bob, 'half of the photo') - before).toBeLessThan(6 * photo.length);
    expect(bob.journal.filter(({ kind }) => kind === 'file-verified')).toHaveLength(1);
    await Promise.all([bob.fetcher.close(), setting.alice.fetcher.close()]);
  });

  it('reaches a device while another one asks for everything', async () => {
    const setting = await aliceWith({ up: 2048 * KIB });
    const [bob, carol] = [await setting.network.join('b'), await setting.network.join('c')];
    await startFilms(bob, setting);
    const before = setting.movedTo(bob);
    const asked = carol.fetcher.request(setting.picture, setting.alice.self.device, { signal });
    expect(await asked).toEqual({ outcome: 'complete' });
    expect(setting.movedTo(bob, 'half of the photo') - before).toBeLessThan(6 * photo.length);
    await Promise.all([bob, carol, setting.alice].map(({ fetcher }) => fetcher.close()));
  });
});

describe('a limit of bandwidth', () => {
  it.each(['up', 'down'] as const)('%s holds for what really moves', async (way) => {
    const rate = 4096 * KIB;
    const setting = await aliceWith(way === 'up' ? { up: rate } : {});
    const { paceOf } = createBandwidth(nodeClock, way === 'down' ? { down: rate } : {});
    const bob = await setting.network.join('b', { paceOf });
    const [first] = setting.films;
    if (!first) throw new TypeError('there is a film');
    const since = nodeClock.now();
    expect(await bob.fetcher.request(first, setting.alice.self.device, { signal })).toEqual({ outcome: 'complete' });
    const seconds = (nodeClock.now() - since) / 1000;
    // Never faster than the rate and what may come at once; how much slower is up to the machine.
    expect(first.totalSize / rate - seconds).toBeLessThanOrEqual((2 * PACE_BURST_MS) / 1000);
    await Promise.all([bob.fetcher.close(), setting.alice.fetcher.close()]);
  });
});
