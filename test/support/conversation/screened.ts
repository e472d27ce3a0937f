/** Commits screened on the thread of the test. */
import { createHistoryReader } from '../../../src/conversation/log/history-reader.ts';
import { openFileAccess } from '../../../src/conversation/repository/file-access-adapter.ts';
import { createBaseCache, PACK_HEADER_BYTES } from '../../../src/conversation/repository/packs/packed-object.ts';
import type { RandomAccess } from '../../../src/conversation/repository/packs/random-access.ts';
import { ArrivalGatherer } from '../../../src/conversation/repository/receive/arrival-gatherer.ts';
import type { RepositoryReader } from '../../../src/conversation/repository/repository.ts';
import { ArrivedKeys } from '../../../src/conversation/screening/arrived-keys.ts';
import { createKeyQuestions } from '../../../src/conversation/screening/key-questions.ts';
import { keysIn } from '../../../src/conversation/screening/keys-in-history.ts';
import { type PackSlice, slicesOf } from '../../../src/conversation/screening/pack-slices.ts';
import { screenArrival } from '../../../src/conversation/screening/screen-arrival.ts';
import { screenSlice } from '../../../src/conversation/screening/screen-slice.ts';
import { ScreenedCommits } from '../../../src/conversation/screening/screened-commits.ts';
import { idToBytes } from '../../../src/id-bytes.ts';
import { ObjectId } from '../../../src/ids.ts';
import { packOf, wholeEntry } from '../git/packs.ts';
import type { Forge } from './forge.ts';

export interface Screening {
  readonly screened: ScreenedCommits;
  /** Of each slice. */
  readonly records: Buffer[];
}

export async function screenedPacks(reader: RepositoryReader): Promise<Screening> {
  const places = reader.packs?.() ?? [];
  const screening: Screening = { screened: new ScreenedCommits(), records: [] };
  for await (const slice of slicesOf(places)) {
    const place = places[slice.pack];
    if (!place) throw new TypeError('a slice of no pack');
    await using access = await openFileAccess(place.path, place);
    await take(screening, slice, { access, reader });
  }
  return screening;
}

/** As if all that was forged came in one pack. */
export async function screenedForge(forge: Forge): Promise<Screening> {
  const objects = [...forge.objects];
  const entries = objects.map(([, { type, bytes }]) => wholeEntry(type, bytes));
  const offsets = new Float64Array(entries.length).fill(PACK_HEADER_BYTES);
  for (const [place, { byteLength }] of entries.entries()) offsets[place + 1] = (offsets[place] ?? 0) + byteLength;
  const screening: Screening = { screened: new ScreenedCommits(), records: [] };
  const slice: PackSlice = {
    pack: 0,
    offsets,
    ids: Buffer.concat(objects.map(([id]) => idToBytes(ObjectId.parse(id)))),
  };
  await take(screening, slice, { access: inMemory(packOf(entries)), reader: forge.reader() });
  return screening;
}

/** As if all that was forged came in a pack that is looked at while it comes, so many objects at a time. */
export async function screenedOnArrival(forge: Forge, atOnce: number): Promise<ScreenedCommits> {
  const screened = new ScreenedCommits();
  const keys = new ArrivedKeys();
  const gatherer = new ArrivalGatherer();
  const take = async () => {
    const arrival = gatherer.give();
    if (!arrival) return;
    keys.take(arrival.certificates);
    screened.add(await screenArrival(arrival, ({ device }) => keys.keyOf(device)));
  };
  for (const [place, [id, object]] of [...forge.objects].entries()) {
    gatherer.add(ObjectId.parse(id), object);
    if (place % atOnce === 0) await take();
  }
  await take();
  return screened;
}

interface Source {
  readonly access: RandomAccess;
  readonly reader: RepositoryReader;
}

async function take({ screened, records }: Screening, slice: PackSlice, { access, reader }: Source): Promise<void> {
  const source = { access, bases: createBaseCache(), offsetOf: () => undefined };
  const keyOf = keysIn(createHistoryReader(reader));
  const questions = createKeyQuestions(({ question, ...signer }) => {
    void Promise.resolve(keyOf(signer))
      .catch(() => undefined)
      .then((key) => questions.answer({ question, key }));
  });
  const found = await screenSlice(slice, { source, keyOf: questions.keyOf });
  screened.add(found);
  records.push(Buffer.from(found));
}

function inMemory(bytes: Uint8Array): RandomAccess {
  return { size: bytes.byteLength, at: async (offset, length) => bytes.subarray(offset, offset + length) };
}
