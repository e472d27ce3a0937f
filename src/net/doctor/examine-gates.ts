import { withDeadline } from '../../deadline.ts';
import { messageOf, SyncError } from '../../errors.ts';
import { GATE_ENTRY_MS } from '../../limits.ts';
import type { Clock, Log, Random } from '../../ports.ts';
import type { Address } from '../address.ts';
import type { HostChoice } from '../addresses/host-choice.ts';
import { readInterfaces } from '../addresses/interfaces-adapter.ts';
import { createOwnAddresses } from '../addresses/own-addresses.ts';
import { createGateConnections } from '../gate/gate-connections-adapter.ts';
import { enterGate } from '../gate/gate-session.ts';

export interface GateExamination {
  readonly hosts: HostChoice;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Whether devices are let in at an address by TCP. */
export interface GateSight {
  readonly gate: Address;
  /** Why it is not entered; undefined when it is. */
  readonly refusal: string | undefined;
}

/** Enters each as a device does, but is found under nothing, and leaves. Throws the signal's reason. */
export async function lookAtGates(gates: readonly Address[], at: GateExamination): Promise<readonly GateSight[]> {
  const { hosts, clock, log } = at;
  const over = new AbortController();
  const signal = AbortSignal.any([at.signal, over.signal]);
  const own = createOwnAddresses({ hosts, readInterfaces, clock, log, signal });
  const connections = createGateConnections({ seed: at.random.bytes(32), own, clock });

  async function lookAt(gate: Address): Promise<GateSight> {
    const deadline = { what: 'Entering it', ms: GATE_ENTRY_MS, clock, signal };
    try {
      await withDeadline(deadline, async (entering) => {
        const stream = await connections.toGate(gate, { signal: entering });
        await enterGate(stream, { topics: [], clock, signal, entering, onIncoming() {} });
      });
      return { gate, refusal: undefined };
    } catch (error) {
      at.signal.throwIfAborted();
      return { gate, refusal: messageOf(error) };
    }
  }

  try {
    return await Promise.all(gates.map(lookAt));
  } finally {
    over.abort(new SyncError('CANCELLED', { what: 'Looking at gates' }));
    connections.close();
  }
}
