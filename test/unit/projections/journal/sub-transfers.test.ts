import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { List } from 'immutable';
import { describe, expect, it } from 'vitest';
import { OFFER_ANSWERS, SUB_TRANSFER_FAILURES } from '../../../../src/events/journal-record.ts';
import {
  evolveSubTransfers,
  type SubTransferFact,
  type SubTransferState,
  subTransferStep,
} from '../../../../src/projections/journal/sub-transfers.ts';
import { device } from '../../../support/events/interactions.ts';
import { GOLDEN_RECORDS } from '../../../support/events/journal-records.ts';

const {
  'sub-transfer-offered': offered,
  'offer-answered': answered,
  'sub-transfer-started': started,
  'sub-transfer-progressed': progressed,
  'sub-transfer-ended': ended,
} = GOLDEN_RECORDS;

/** Every fact, under the name it has in the picture. */
const FACTS: Readonly<Record<string, SubTransferFact>> = {
  offered,
  started,
  progressed,
  ...Object.fromEntries(OFFER_ANSWERS.map((answer) => [`answered ${answer}`, { ...answered, answer }])),
  ...Object.fromEntries(
    (['complete', ...SUB_TRANSFER_FAILURES] as const).map((outcome) => [`ended ${outcome}`, { ...ended, outcome }]),
  ),
};

type State = SubTransferState | undefined;

function nameOf(state: State): string {
  if (!state) return '[*]';
  const detail = state.phase === 'paused' ? `_by_${state.by}` : '';
  return state.phase.replace('-', '_') + detail;
}

/** All states that facts lead to from the beginning; the failures count as one state, as they do in the picture. */
function reachable(): ReadonlyMap<string, State> {
  const known = new Map<string, State>([['[*]', undefined]]);
  for (const state of known.values()) {
    for (const fact of Object.values(FACTS)) {
      const next = subTransferStep(state, fact);
      if (!known.has(nameOf(next))) known.set(nameOf(next), next);
    }
  }
  return known;
}

/** `offered --> running: started`, for each fact that makes a difference. */
function moves(): ReadonlySet<string> {
  const all = [...reachable()].flatMap(([from, state]) =>
    Object.entries(FACTS).flatMap(([fact, record]) => {
      const to = nameOf(subTransferStep(state, record));
      const isTrouble = to === 'failed';
      return to === from ? [] : [`${from} --> ${to}: ${isTrouble ? 'ended in trouble' : fact}`];
    }),
  );
  return new Set(all);
}

const PAGE = readFileSync(resolve(import.meta.dirname, '../../../../docs/transfers.md'), 'utf8');

/** The states that a word of the pictures stands for; a state stands for itself. */
function statesOf(word: string): readonly string[] {
  const [, listed] = new RegExp(String.raw`^- \*\*${word}\*\*: (.*?)\. `, 'm').exec(PAGE) ?? [];
  return listed === undefined ? [word] : [...listed.matchAll(/`([^`]+)`/g)].map(([, state = '']) => state);
}

/** The same as `moves`, read from the pictures. */
function drawnMoves(): ReadonlySet<string> {
  const pictures = [...PAGE.matchAll(/```mermaid\n(stateDiagram-v2\n[^`]*)```/g)].map(([, picture = '']) => picture);
  const arrows = pictures.flatMap((picture) => picture.split('\n')).filter((line) => line.includes('-->'));
  const all = arrows.flatMap((line) => {
    const [, from = '', to = '', facts = ''] = /^\s*(\S+) --> (\S+): (.*)$/.exec(line) ?? [];
    const froms = statesOf(from).filter((state) => state !== to);
    return froms.flatMap((state) => facts.split(', ').map((fact) => `${state} --> ${to}: ${fact}`));
  });
  return new Set(all);
}

describe('the share of one device', () => {
  it('decides on every fact in every state, and reaches each of its states', () => {
    expect([...reachable().keys()].sort()).toEqual([
      ...['[*]', 'awaiting_acceptance', 'cancelled', 'complete', 'failed', 'offered'],
      ...['paused_by_peer', 'paused_by_us', 'refused', 'running'],
    ]);
    for (const state of reachable().values()) {
      for (const fact of Object.values(FACTS)) {
        expect(state === undefined || subTransferStep(state, fact) !== undefined).toBe(true);
      }
    }
  });

  it('moves as its pictures in docs/transfers.md show, no move more and none less', () => {
    expect([...drawnMoves()].sort()).toEqual([...moves()].sort());
  });

  it('is one for each device and direction, begun anew by each try', () => {
    const twice = [started, { ...ended, outcome: 'silent' as const }, { ...started, start: 7, at: 9 }];
    const all = [...twice, { ...started, peer: device(2) }, { ...started, direction: 'serving' as const }];
    const shares = all.reduce(evolveSubTransfers, List());
    expect(shares.map(({ phase }) => phase).toArray()).toEqual(['running', 'running', 'running']);
    expect(shares.first()).toMatchObject({ peer: started.peer, start: 7, bytes: 7, startedAt: 9 });
  });

  it('keeps its figures when it ends, and does not take those of a try that is over', () => {
    const over = [started, { ...progressed, bytes: 9 }, { ...ended, outcome: 'silent' as const, bytes: 11, at: 20 }];
    const late = [...over, { ...progressed, bytes: 99 }, { ...ended, bytes: 99, at: 99 }];
    for (const facts of [over, late]) {
      expect(facts.reduce(evolveSubTransfers, List()).toArray()).toEqual([
        expect.objectContaining({ phase: 'failed', failure: 'silent', start: started.start, bytes: 11, lastAt: 20 }),
      ]);
    }
  });

  it('that never began does not end', () => {
    expect([ended, progressed].reduce(evolveSubTransfers, List()).size).toBe(0);
  });
});
