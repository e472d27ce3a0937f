/** Makes `fixtures/conformance` anew: one bundle with a branch for each history, and an index that says what is wrong with it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeConformanceKit } from '../test/support/conformance/kit.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/conformance');

const { bundle, index } = await makeConformanceKit();
writeFileSync(join(FOLDER, 'histories.bundle'), bundle);
writeFileSync(join(FOLDER, 'index.json'), index);
