/** A process that writes to a repository until it is killed: objects, packs, head, work tree. Prints each head it has moved to. */
import { packObjects } from '../../../src/conversation/repository/packs/pack-writer.ts';
import { createRepository } from '../../../src/conversation/repository/repository-adapter.ts';
import { ObjectId } from '../../../src/ids.ts';
import { memoryObjects, writeCommit, writeHistory } from '../git/git-objects.ts';
import { patience } from '../time/patience.ts';

const directory = process.argv[2];
if (directory === undefined) throw new TypeError('name the directory');
const repository = await createRepository(directory);
for (let round = Date.now(); ; round++) {
  const from = await repository.head();
  const viaPack = round % 2 === 0;
  const sink = viaPack ? memoryObjects() : repository;
  const parents = from === undefined ? [] : [from];
  const first = await writeCommit(sink, {
    parents,
    files: { round: `${round}`, data: 'x'.repeat(round % 50_000) },
    message: `${round}`,
  });
  const to = (await writeHistory(sink, 3, first)).at(-1) ?? first;
  if ('all' in sink) {
    const ids = [...sink.all.keys()].map((id) => ObjectId.parse(id));
    const staged = await repository.stagePack(packObjects(sink, ids), { signal: patience() });
    await staged.keep();
  }
  await repository.moveHead({ from, to });
  process.stdout.write(`${to}\n`);
  await repository.checkOut();
}
