/** The clock and chance of the real world, for tests that use real sockets. */
export { nodeClock as realClock, nodeRandom as realRandom } from '../../../src/engine/node-ports-adapter.ts';
