/** What every repository promises, read-only or our own. */
import { describe, expect, it } from 'vitest';
import { objectIdOf } from '../../src/conversation/repository/objects/object-id.ts';
import { packObjects } from '../../src/conversation/repository/packs/pack-writer.ts';
import type { Repository, RepositoryReader } from '../../src/conversation/repository/repository.ts';
import { type CommitId, ObjectId } from '../../src/ids.ts';
import { memoryObjects, reachableFrom, writeCommit, writeHistory } from '../support/git/git-objects.ts';
import { inPieces } from '../support/git/packs.ts';
import { thrownBy } from '../support/thrown.ts';
import { patience } from '../support/time/patience.ts';

export interface ReaderFixture {
  /** Opened for this test; disposed by whoever made it. */
  readonly reader: RepositoryReader;
  readonly head: CommitId;
  /** How many objects are reachable from the head. */
  readonly objects: number;
}

const UNKNOWN = ObjectId.parse('0123456789'.repeat(4));

export function describeRepositoryReader(name: string, open: () => Promise<ReaderFixture>): void {
  describe(`${name} as a source`, () => {
    it('leads from its head to every object of the history', async () => {
      const { reader, head, objects } = await open();
      expect(await reader.head()).toBe(head);
      expect((await reachableFrom(reader.objects, head)).size).toBe(objects);
    });

    it('lists the branch among its references', async () => {
      const { reader, head } = await open();
      expect(await reader.refs()).toContainEqual({ name: 'refs/heads/main', id: head });
    });

    it('knows what it does not have', async () => {
      const { reader, head } = await open();
      expect([await reader.objects.has(head), await reader.objects.has(UNKNOWN)]).toEqual([true, false]);
      await thrownBy('OBJECT_MISSING', () => reader.objects.read(UNKNOWN));
    });
  });
}

/** `open` founds an empty repository for the test. */
export function describeRepository(name: string, open: () => Promise<Repository>): void {
  describe(`${name} as a conversation's repository`, () => {
    it('begins without a head, a reference or an object', async () => {
      const repository = await open();
      expect([await repository.head(), await repository.refs()]).toEqual([undefined, []]);
      await thrownBy('OBJECT_MISSING', () => repository.objects.read(UNKNOWN));
    });

    it('reads what was written, under the id git gives it', async () => {
      const repository = await open();
      const id = await repository.write('blob', Buffer.from('hello\n'));
      expect(id).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
      const { type, bytes } = await repository.objects.read(id);
      expect([type, Buffer.from(bytes).toString()]).toEqual(['blob', 'hello\n']);
    });

    it('writes the same twice as if once, even at the same time', async () => {
      const repository = await open();
      const ids = await Promise.all([1, 2, 3].map(() => repository.write('blob', Buffer.from('same'))));
      expect(new Set([...ids, await repository.write('blob', Buffer.from('same'))]).size).toBe(1);
    });

    it('writes many at once, also such as are there or come twice', async () => {
      const repository = await open();
      const objects = ['one', 'two', 'one', 'three'].map(
        (text) => ({ type: 'blob', bytes: Buffer.from(text) }) as const,
      );
      await repository.write('blob', Buffer.from('two'));
      await repository.writeAll(objects);
      for (const { bytes } of objects)
        expect(Buffer.from((await repository.objects.read(objectIdOf('blob', bytes))).bytes)).toEqual(bytes);
    });

    it('moves its head from where it was decided on, and from nowhere else', async () => {
      const repository = await open();
      const [first, second] = await writeHistory(repository, 2);
      if (first === undefined || second === undefined) throw new TypeError('no history');
      await repository.moveHead({ from: undefined, to: first });
      expect(await repository.head()).toBe(first);
      await thrownBy('REF_CONFLICT', () => repository.moveHead({ from: undefined, to: second }));
      await thrownBy('REF_CONFLICT', () => repository.moveHead({ from: second, to: first }));
      expect(await repository.head()).toBe(first);
      await repository.moveHead({ from: first, to: second });
      expect(await repository.refs()).toEqual([{ name: 'refs/heads/main', id: second }]);
    });

    it('lets one of two moves at once win', async () => {
      const repository = await open();
      const [first, second] = await writeHistory(repository, 2);
      if (first === undefined || second === undefined) throw new TypeError('no history');
      const moves = await Promise.allSettled([first, second].map((to) => repository.moveHead({ from: undefined, to })));
      expect(moves.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect([first, second]).toContain(await repository.head());
    });

    it('shows staged objects before they are kept, and to nobody else', async () => {
      const repository = await open();
      const other = memoryObjects();
      const history = await writeHistory(other, 3);
      await using staged = await repository.stagePack(await packOfAll(other), { signal: patience() });
      const [first] = history;
      if (first === undefined) throw new TypeError('no history');
      expect(staged.commitIds.toSorted()).toEqual(history.toSorted());
      expect([await staged.objects.has(first), await repository.objects.has(first)]).toEqual([true, false]);
      expect(await staged.objects.read(first)).toEqual(other.all.get(first));
    });

    it('has staged objects for its own once they are kept', async () => {
      const repository = await open();
      const other = memoryObjects();
      const head = await writeCommit(other, {});
      const staged = await repository.stagePack(await packOfAll(other), { signal: patience() });
      await staged.keep();
      expect(await repository.objects.read(head)).toEqual(other.all.get(head));
      await staged[Symbol.asyncDispose]();
      expect(await repository.objects.has(head)).toBe(true);
    });

    it('forgets staged objects that are not kept', async () => {
      const repository = await open();
      const other = memoryObjects();
      const head = await writeCommit(other, {});
      const staged = await repository.stagePack(await packOfAll(other), { signal: patience() });
      await staged[Symbol.asyncDispose]();
      expect(await repository.objects.has(head)).toBe(false);
    });

    it('keeps a pack that holds what it has already', async () => {
      const repository = await open();
      const other = memoryObjects();
      await writeHistory(other, 3);
      for (let time = 0; time < 2; time++) {
        const staged = await repository.stagePack(await packOfAll(other), { signal: patience() });
        await staged.keep();
      }
      for (const [id, object] of other.all) expect(await repository.objects.read(ObjectId.parse(id))).toEqual(object);
    });

    it('stops taking a pack in when told to', async () => {
      const repository = await open();
      const other = memoryObjects();
      await writeHistory(other, 3);
      const signal = AbortSignal.abort(new DOMException('no more patience', 'AbortError'));
      await expect(repository.stagePack(await packOfAll(other), { signal })).rejects.toThrow('no more patience');
    });
  });
}

async function packOfAll(objects: ReturnType<typeof memoryObjects>): Promise<AsyncIterable<Uint8Array>> {
  const ids = [...objects.all.keys()].map((id) => ObjectId.parse(id));
  const chunks: Uint8Array[] = [];
  for await (const chunk of packObjects(objects, ids)) chunks.push(chunk);
  return inPieces(Buffer.concat(chunks), 100);
}
