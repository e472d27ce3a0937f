/** A process that runs an engine on a home, says so, closes it when told to, and then ends only if nothing is left running. */
import process from 'node:process';
import { createEngine } from '../../../src/engine/create-engine.ts';

const [home = '', ...bootstrap] = process.argv.slice(2);
const engine = await createEngine({ home, bootstrap });
await engine.conversations.create({ title: 'Garden' });
process.send?.('up');
process.once('message', async () => {
  await engine.close();
  process.send?.('closed');
  process.disconnect();
});
