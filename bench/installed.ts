import { basename, join } from 'node:path';
import { bundle } from '../scripts/bundle.ts';

/** Of the inside, what benchmarks run as it is installed. */
const MODULES = [
  'conversation/clone/clone-conversation',
  'conversation/judge/verify-history',
  'conversation/repository/open-source-adapter',
  'conversation/repository/repository-adapter',
  'conversation/write/create-conversation',
  'engine/commits/clone-from',
  'engine/control/control-methods',
  'engine/control/serve-control-adapter',
  'index',
] as const;
const FOLDER = join(import.meta.dirname, 'built');

let made: Promise<void> | undefined;

/** A module as it is in the installed program: what runs the sources marks each function that is made, which costs time. */
export async function installed<Module>(path: (typeof MODULES)[number]): Promise<Module> {
  made ??= bundle(
    MODULES.map((module) => `src/${module}.ts`),
    FOLDER,
  );
  await made;
  return await import(join(FOLDER, `${basename(path)}.js`));
}
