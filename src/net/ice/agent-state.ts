/** What an ICE agent knows. */
import type { Address } from '../address.ts';
import type { Candidate } from '../signalling/candidate.ts';
import type { Credentials } from '../signalling/description.ts';
import type { DecodedStun } from '../stun/message.ts';
import type { IceRole } from './pairs.ts';

export interface RemoteEnd extends Credentials {
  readonly candidates: readonly Candidate[];
}

export interface Connection {
  readonly id: string;
  readonly priority: bigint;
  readonly remote: Address | undefined;
  readonly phase: 'connecting' | 'silent' | 'checking' | 'valid' | 'nominating';
  /** The other side's check has been answered: it has nothing more to ask. */
  readonly isHeard: boolean;
  /** Of the request of ours that is to be answered. */
  readonly check: { readonly transaction: string; readonly role: IceRole } | undefined;
  /** The request that nominated the connection, and is to be answered when our own check has succeeded. */
  readonly nomination: DecodedStun | undefined;
}

export interface AgentState {
  readonly phase: 'ready' | 'checking' | 'ended';
  readonly role: IceRole;
  /** Settles who gives way when both think that they are controlling, RFC 8445 §7.3.1.1. */
  readonly tieBreaker: bigint;
  readonly local: RemoteEnd;
  readonly remote: RemoteEnd | undefined;
  readonly connections: readonly Connection[];
  /** Eight bytes in hex, and how many requests were made: together the ids of transactions. */
  readonly transactions: { readonly prefix: string; readonly count: number };
  /** A better connection is not waited for any longer. */
  readonly isImpatient: boolean;
}

export type AgentStart = Pick<AgentState, 'role' | 'tieBreaker' | 'local'> & { readonly transactionPrefix: string };

export function agentState({ transactionPrefix: prefix, ...start }: AgentStart): AgentState {
  const transactions = { prefix, count: 0 };
  return { ...start, phase: 'ready', remote: undefined, connections: [], transactions, isImpatient: false };
}
