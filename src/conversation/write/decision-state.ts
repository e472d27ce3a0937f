import type { Heading, LinearizedHistory } from '../../events/linearized-history.ts';
import type { CommitId, DeviceId } from '../../ids.ts';
import type { DecisionState } from '../decisions/decision.ts';
import type { LogState } from '../log/log-state.ts';

/** What decisions are taken on: the log as it is now. */
export function decisionStateOf(log: LogState, self: DecisionState['self']): DecisionState {
  return {
    self,
    tree: log.tree(),
    membership: log.membership(),
    said: log.said,
    isDeleted: (message) => isTakenBack(log.linearized(), message),
    hostsCall: (confId) => hostsCall(log.linearized(), { ...self, confId }),
  };
}

/** Admission has seen to it that only its author does (rule R46). */
function isTakenBack(history: LinearizedHistory, message: CommitId): boolean {
  const position = history.positionOf(message);
  const changes = position === undefined ? [] : history.changesOf(position);
  return changes.map((change) => history.heading(change).kind).some((kind) => TAKES_BACK.has(kind));
}

const TAKES_BACK: ReadonlySet<Heading['kind']> = new Set(['file-deleted', 'message-deleted']);

/** The last word on a call decides whether it runs. */
function hostsCall(history: LinearizedHistory, call: { readonly device: DeviceId; readonly confId: string }) {
  for (let position = history.length - 1; position >= 0; position -= 1) {
    if (!history.heading(position).kind.startsWith('group-call-')) continue;
    const { content } = history.at(position);
    const event = content.outcome === 'known' ? content.event : undefined;
    if (event?.kind !== 'group-call-started' && event?.kind !== 'group-call-ended') continue;
    if (event.confId === call.confId && event.device === call.device) return event.kind === 'group-call-started';
  }
  return false;
}
