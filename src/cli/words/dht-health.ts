import type { Output } from '../terminal/output.ts';

export interface DhtHealth {
  readonly ownNodes: number;
  readonly otherNodes: number;
}

/** For people on stderr: all that stdout ever has is the address, so that it can be taken from a file at any time. */
export function sayDhtHealth(output: Output, health: DhtHealth): void {
  if (output.isJson) output.value({ health });
  else output.remark(`${health.ownNodes} nodes here, ${health.otherNodes} of others known`);
}
