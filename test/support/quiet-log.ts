import type { Log } from '../../src/ports.ts';

/** For whatever wants a log, in tests that do not look at it. */
export const quietLog: Log = { debug() {}, info() {}, warn() {} };
