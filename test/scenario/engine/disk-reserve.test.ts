/** A disk with less room than the policy keeps free: what others say stays with them until there is room, and status tells. */
import { expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { bodies, bringIn, createTestEngines, shareConversation, until } from '../../support/engines.ts';
import { thrownBy } from '../../support/thrown.ts';

const MORE_THAN_ANY_DISK = Number.MAX_SAFE_INTEGER;

it('neither pulls nor clones without room, says why, and goes on when there is some', async () => {
  await using engines = await createTestEngines();
  const [alice, bob] = await Promise.all([engines.start('alice'), engines.start('bob')]);
  const [atAlice] = await shareConversation(alice, bob);
  expect(bob.status().diskShortage).toBeUndefined();
  await bob.close();
  await atAlice.send('while you were away');

  const full = await engines.start('bob', { policy: { auto: 'all', reserve: MORE_THAN_ANY_DISK } });
  const { free, reserve } = full.status().diskShortage ?? {};
  expect({ isKnown: free !== undefined, reserve }).toEqual({ isKnown: true, reserve: MORE_THAN_ANY_DISK });
  await until(() => full.links.length > 0);
  const other = await alice.conversations.create({ title: 'Other' });
  await thrownBy('DISK_RESERVED', () => bringIn(other, full));
  expect(bodies(full.conversations.open(atAlice.id).timeline())).toEqual([]);
  // What it says itself still goes out.
  await full.conversations.open(atAlice.id).send('my disk is full');
  await full.close();

  const roomy = await engines.start('bob');
  const both = ['my disk is full', 'while you were away'];
  const seenBy = ({ conversations }: Engine) => bodies(conversations.open(atAlice.id).timeline());
  await until(() => [alice, roomy].every((engine) => both.every((body) => seenBy(engine).includes(body))));
});
