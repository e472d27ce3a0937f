/**
 * An ICE agent for TCP (RFC 8445, RFC 6544) without any IO: `(state, input) → { state, effects }`. It finds a connection on
 * which both sides have proved that they know the passwords of the signalling, and on which both agree.
 *
 * Regular nomination: the controlling side asks for the best connection that works both ways; the other side says yes only
 * after its own check on that connection has succeeded. So with the yes all is said, and the next byte is TLS. Invariants:
 * - At most one connection is selected, and after that nothing happens.
 * - Nothing is sent on a connection after the yes to its nomination.
 * - Every agent that has begun ends: with a selected connection, or failed at its deadline.
 */
import { ICE_CONNECTIONS, ICE_MS, ICE_PATIENCE_MS } from '../../limits.ts';
import { never } from '../../never.ts';
import type { Milliseconds } from '../../ports.ts';
import type { Address } from '../address.ts';
import { tcpPriority } from '../signalling/candidate.ts';
import type { DecodedStun, StunMessage } from '../stun/message.ts';
import type { AgentState, Connection, RemoteEnd } from './agent-state.ts';
import { answerRequest, checkOf, keyOf } from './checks.ts';
import { type CandidatePair, type IceRole, pairPriority, pairsToConnect } from './pairs.ts';

export type AgentInput =
  /** The other side has described itself. */
  | { readonly kind: 'begin'; readonly remote: RemoteEnd }
  | { readonly kind: 'opened'; readonly connection: string; readonly remote: Address }
  /** Somebody connected to a passive end of ours. */
  | { readonly kind: 'accepted'; readonly connection: string; readonly remote: Address }
  | { readonly kind: 'received'; readonly connection: string; readonly message: DecodedStun }
  | { readonly kind: 'closed'; readonly connection: string }
  | { readonly kind: 'woken'; readonly timer: AgentTimer };

export type AgentTimer = 'patience' | 'deadline';

export type AgentEffect =
  | { readonly kind: 'connect'; readonly connection: string; readonly pair: CandidatePair }
  | { readonly kind: 'send'; readonly connection: string; readonly message: StunMessage; readonly key: Uint8Array }
  | { readonly kind: 'close'; readonly connection: string }
  | { readonly kind: 'wake-after'; readonly timer: AgentTimer; readonly ms: Milliseconds }
  /** We do not get through; the other side may still get through to us. */
  | { readonly kind: 'exhausted' }
  /** Nothing more comes of the agent. Who is controlling speaks first. */
  | { readonly kind: 'select'; readonly connection: string; readonly role: IceRole }
  | { readonly kind: 'fail' };

export interface AgentStep {
  readonly state: AgentState;
  readonly effects: readonly AgentEffect[];
}

export function step(state: AgentState, input: AgentInput): AgentStep {
  if (state.phase === 'ended') return stay(state);
  switch (input.kind) {
    case 'begin':
      return state.phase === 'ready' ? begin(state, input.remote) : stay(state);
    case 'opened':
      return onOpened(state, input.connection, input.remote);
    case 'accepted':
      return onAccepted(state, input.connection, input.remote);
    case 'received':
      return onReceived(state, input.connection, input.message);
    case 'closed':
      return lose(state, input.connection);
    case 'woken':
      return input.timer === 'deadline' ? fail(state) : nominateBest({ ...state, isImpatient: true });
    default:
      return never(input);
  }
}

function begin(state: AgentState, remote: RemoteEnd): AgentStep {
  const pairs = pairsToConnect(state.role, state.local.candidates, remote.candidates);
  const planned = pairs.map((pair, at) => ({ pair, connection: `out-${at}` }));
  const connections = planned.map(({ pair, connection }) => newConnection(connection, 'connecting', pair.priority));
  const begun: AgentState = {
    ...state,
    phase: 'checking',
    remote,
    connections: [...state.connections, ...connections],
  };
  const effects: AgentEffect[] = planned.map((plan) => ({ kind: 'connect', ...plan }));
  effects.push({ kind: 'wake-after', timer: 'deadline', ms: ICE_MS });
  // Who came before we knew the other side's password was answered, and not checked yet.
  const heard = begun.connections.filter(({ phase }) => phase === 'checking').map(({ id }) => id);
  return andThen(
    { state: begun, effects },
    ...heard.map((id) => (now: AgentState) => sendCheck(now, id)),
    tellExhausted,
  );
}

function onOpened(state: AgentState, id: string, remote: Address): AgentStep {
  const found = find(state, id);
  if (found?.phase !== 'connecting') return stay(state);
  return sendCheck(withConnection(state, { ...found, remote }), id);
}

/** It speaks first, and is worth nothing before it has. */
function onAccepted(state: AgentState, id: string, remote: Address): AgentStep {
  if (find(state, id) !== undefined) return stay(state);
  const incoming = state.connections.filter(({ phase }) => phase === 'silent');
  if (incoming.length >= ICE_CONNECTIONS) return { state, effects: [{ kind: 'close', connection: id }] };
  const connections = [...state.connections, { ...newConnection(id, 'silent', 0n), remote }];
  return stay({ ...state, connections });
}

function onReceived(state: AgentState, id: string, message: DecodedStun): AgentStep {
  const found = find(state, id);
  if (found === undefined || message.method !== 'binding') return stay(state);
  switch (message.class) {
    case 'request':
      return onRequest(state, found, message);
    case 'success':
      return onSuccess(state, found, message);
    case 'error':
      return onError(state, found, message);
    case 'indication':
      return stay(state);
    default:
      return never(message.class);
  }
}

function onRequest(state: AgentState, connection: Connection, request: DecodedStun): AgentStep {
  const verdict = answerRequest(state, connection, request);
  if (verdict.kind === 'stranger') return andThen(lose(state, connection.id), closing(connection.id));
  const answer: AgentEffect = {
    kind: 'send',
    connection: connection.id,
    message: verdict.answer,
    key: keyOf(state.local),
  };
  if (verdict.kind === 'refused') return { state, effects: [answer] };
  const { role } = verdict;
  const isNominated = role === 'controlled' && request.attributes.useCandidate === true;
  const known = connection.phase === 'silent' ? incoming(connection, { ...state, role }, request) : connection;
  const nomination = isNominated ? request : known.nomination;
  const heard = withConnection({ ...state, role }, { ...known, isHeard: true, nomination });
  if (isNominated) return connection.phase === 'valid' ? accept(heard, connection.id) : triggered(heard, connection.id);
  return andThen({ state: heard, effects: [answer] }, (now) => triggered(now, connection.id), nominateBest);
}

/** The other side's priority of the pair is in its request, RFC 8445 §7.3.1.3. */
function incoming(connection: Connection, state: AgentState, { attributes }: DecodedStun): Connection {
  const ends = { local: tcpPriority('host', 'passive'), remote: attributes.priority ?? 1 };
  return { ...connection, priority: pairPriority(state.role, ends), phase: 'checking' };
}

/** The other side gets through on the connection: now we find out whether we do, RFC 8445 §7.3.1.4. */
function triggered(state: AgentState, id: string): AgentStep {
  const found = find(state, id);
  const isDue = found?.phase === 'checking' && found.check === undefined && state.remote !== undefined;
  return isDue ? sendCheck(state, id) : stay(state);
}

function sendCheck(state: AgentState, id: string, nomination?: 'nominating'): AgentStep {
  const found = find(state, id);
  if (found === undefined || state.remote === undefined) return stay(state);
  const { prefix, count } = state.transactions;
  const transaction = prefix + count.toString(16).padStart(8, '0');
  const { role, remote } = state;
  const changed: Connection = { ...found, phase: nomination ?? 'checking', check: { transaction, role } };
  const counted = { ...state, transactions: { prefix, count: count + 1 } };
  const message = checkOf(state, { remote, transaction, isNomination: nomination !== undefined });
  return {
    state: withConnection(counted, changed),
    effects: [{ kind: 'send', connection: id, message, key: keyOf(remote) }],
  };
}

function onSuccess(state: AgentState, connection: Connection, answer: DecodedStun): AgentStep {
  if (connection.check?.transaction !== answer.transaction || state.remote === undefined) return stay(state);
  if (!answer.isProvedBy(keyOf(state.remote))) return andThen(lose(state, connection.id), closing(connection.id));
  if (connection.phase === 'nominating') return select(state, connection.id);
  const valid = withConnection(state, { ...connection, phase: 'valid', check: undefined });
  return connection.nomination === undefined ? nominateBest(valid) : accept(valid, connection.id);
}

const ROLE_CONFLICT = 487;

/** The role that was in the request is the wrong one, whatever ours is by now, RFC 8445 §7.2.5.1. */
function onError(state: AgentState, connection: Connection, { transaction, attributes }: DecodedStun): AgentStep {
  if (connection.check?.transaction !== transaction) return stay(state);
  if (attributes.errorCode?.code !== ROLE_CONFLICT) return andThen(lose(state, connection.id), closing(connection.id));
  const role = connection.check.role === 'controlling' ? 'controlled' : 'controlling';
  return sendCheck({ ...state, role }, connection.id);
}

/** The yes to a nomination, and the last that is said here. */
function accept(state: AgentState, id: string): AgentStep {
  const found = find(state, id);
  if (found?.nomination === undefined) return stay(state);
  const verdict = answerRequest(state, found, found.nomination);
  if (verdict.kind !== 'answered') return stay(state);
  const yes: AgentEffect = { kind: 'send', connection: id, message: verdict.answer, key: keyOf(state.local) };
  const selected = select(state, id);
  return { state: selected.state, effects: [yes, ...selected.effects] };
}

/** The best connection that works both ways, once none that might be better is still being tried, or we have waited enough. */
function nominateBest(state: AgentState): AgentStep {
  const { connections, role, isImpatient } = state;
  if (role !== 'controlling' || connections.some(({ phase }) => phase === 'nominating')) return stay(state);
  const [best] = connections.filter(({ phase, isHeard }) => phase === 'valid' && isHeard).toSorted(byPriority);
  if (best === undefined) return stay(state);
  const isBetter = ({ phase, priority }: Connection) => phase !== 'silent' && priority > best.priority;
  if (isImpatient || !connections.some(isBetter)) return sendCheck(state, best.id, 'nominating');
  return { state, effects: [{ kind: 'wake-after', timer: 'patience', ms: ICE_PATIENCE_MS }] };
}

function byPriority(a: Connection, b: Connection): number {
  return a.priority < b.priority ? 1 : -1;
}

function lose(state: AgentState, id: string): AgentStep {
  if (find(state, id) === undefined) return stay(state);
  const connections = state.connections.filter((connection) => connection.id !== id);
  return andThen(stay({ ...state, connections }), nominateBest, tellExhausted);
}

function tellExhausted(state: AgentState): AgentStep {
  const isOver = state.phase === 'checking' && state.connections.every(({ phase }) => phase === 'silent');
  return isOver ? { state, effects: [{ kind: 'exhausted' }] } : stay(state);
}

function select(state: AgentState, id: string): AgentStep {
  const others = state.connections.filter((connection) => connection.id !== id);
  const closed: AgentEffect[] = others.map(({ id: connection }) => ({ kind: 'close', connection }));
  return {
    state: { ...state, phase: 'ended' },
    effects: [{ kind: 'select', connection: id, role: state.role }, ...closed],
  };
}

function fail(state: AgentState): AgentStep {
  const closed: AgentEffect[] = state.connections.map(({ id: connection }) => ({ kind: 'close', connection }));
  return { state: { ...state, phase: 'ended', connections: [] }, effects: [...closed, { kind: 'fail' }] };
}

function newConnection(id: string, phase: Connection['phase'], priority: bigint): Connection {
  return { id, phase, priority, remote: undefined, isHeard: false, check: undefined, nomination: undefined };
}

function find(state: AgentState, id: string): Connection | undefined {
  return state.connections.find((connection) => connection.id === id);
}

function withConnection(state: AgentState, changed: Connection): AgentState {
  const connections = state.connections.map((connection) => (connection.id === changed.id ? changed : connection));
  return { ...state, connections };
}

function closing(connection: string): (state: AgentState) => AgentStep {
  return (state) => ({ state, effects: [{ kind: 'close', connection }] });
}

function andThen(first: AgentStep, ...nexts: ((state: AgentState) => AgentStep)[]): AgentStep {
  return nexts.reduce((done, next) => {
    const { state, effects } = next(done.state);
    return { state, effects: [...done.effects, ...effects] };
  }, first);
}

function stay(state: AgentState): AgentStep {
  return { state, effects: [] };
}
