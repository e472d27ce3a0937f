/** A process that tells the story of two engines in the folder argv[2], and prints what was promised in it. */
import process from 'node:process';
import { tellStory } from './two-engines.ts';

const [folder = '', bootstrap = ''] = process.argv.slice(2);
const promise = (person: string, commit: string) => process.stdout.write(`${person} ${commit}\n`);
await tellStory({ folder, bootstrap, round: 1, promise });
process.exit(0);
