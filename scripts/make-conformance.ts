/**
 * Makes `fixtures/conformance` anew: one bundle with a branch for each history, one for each that is too large to be read, and
 * indexes that say what is wrong with them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeConformanceKit, makeOversizeKit } from '../test/support/conformance/kit.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/conformance');

const { bundle, index } = await makeConformanceKit();
writeFileSync(join(FOLDER, 'histories.bundle'), bundle);
writeFileSync(join(FOLDER, 'index.json'), index);
const oversize = await makeOversizeKit();
for (const [name, bytes] of oversize.bundles) writeFileSync(join(FOLDER, name), bytes);
writeFileSync(join(FOLDER, 'oversize.json'), oversize.index);
