import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../src/errors.ts';
import { ENTRANCE_PORT_TRIES as PORT_TRIES } from '../../../../src/limits.ts';
import { openEntrance } from '../../../../src/net/dht/entrance.ts';

/** Free ports for TCP are drawn from 1 on; those up to a number are taken for UDP. */
function machine({
  takenUpTo,
  failure = new SyncError('LISTEN_FAILED', { address: 'here', detail: 'it is taken' }),
}: {
  takenUpTo: number;
  failure?: Error;
}) {
  const open = new Set<number>();
  let drawn = 0;
  const enter = (wanted: number) =>
    openEntrance(wanted, {
      async openGate(port) {
        drawn += 1;
        const gate = port || drawn;
        open.add(gate);
        return { port: gate, close: async () => void open.delete(gate) };
      },
      async startNode(port) {
        if (port <= takenUpTo) throw failure;
        return port;
      },
    });
  return { enter, open, tries: () => drawn };
}

describe('an entrance', () => {
  it('has one number for TCP and UDP, whatever else is taken', async () => {
    const { enter, open } = machine({ takenUpTo: PORT_TRIES - 1 });
    expect(await enter(0)).toMatchObject({ gate: { port: PORT_TRIES }, node: PORT_TRIES });
    expect([...open]).toEqual([PORT_TRIES]);
  });

  it('is given up after so many tries, and leaves nothing open', async () => {
    const { enter, open, tries } = machine({ takenUpTo: 99 });
    await expect(enter(0)).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
    expect([tries(), open.size]).toEqual([PORT_TRIES, 0]);
  });

  it.each([
    ['the port was asked for', 7, undefined],
    ['something else is wrong', 0, new RangeError('no port has to do with it')],
  ])('is not tried again where %s', async (_, port, failure) => {
    const { enter, open, tries } = machine({ takenUpTo: 99, ...(failure && { failure }) });
    await expect(enter(port)).rejects.toThrow();
    expect([tries(), open.size]).toEqual([1, 0]);
  });
});
