/** `npm run soak -- [NAME] [OPTIONS]`: runs one of the long tests beside this file; `kills` unless another is named. */
import process from 'node:process';

const LONG_TESTS = ['kills', 'replicas', 'crashes'];

const [word = ''] = process.argv.slice(2);
const isNamed = !word.startsWith('-') && word !== '';
const name = isNamed ? word : 'kills';
if (LONG_TESTS.includes(name)) {
  // The test reads its own options, as if it had been started by itself.
  if (isNamed) process.argv.splice(2, 1);
  await import(`./${name}.ts`);
} else {
  process.stderr.write(`There is no long test ${name}. There are: ${LONG_TESTS.join(', ')}.\n`);
  process.exitCode = 2;
}
