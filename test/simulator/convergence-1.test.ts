import { describeConvergence } from './convergence.ts';

// With those of the other file a thousand: two files, so that they can run at the same time.
describeConvergence({ seed: 1, runs: 500 });
