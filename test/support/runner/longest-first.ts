import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take a large part of a whole run. Begun late, one of them goes on by itself while the other cores have nothing to do. */
const LONGEST = ['e2e/lab', 'simulator/convergence-1', 'simulator/convergence-2', 'unit/fuzz'];

/** Begins with the files that take longest. Vitest knows which they are only where it has run before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      LONGEST.some((name) => moduleId.endsWith(`/test/${name}.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
