/** status: how the engine is, what moves, and what is missing. */
import type { Command } from 'commander';
import * as z from 'zod';
import type { EngineStatus } from '../../engine/engine.ts';
import { humanSpan } from '../../human-span.ts';
import { action, type CommandContext, type Surroundings } from '../context.ts';
import { asToldBy } from '../input/as-told-by.ts';
import { tableLines } from '../terminal/table.ts';
import { cleanText } from '../words/clean-text.ts';
import { humanBytes, humanRate, shortId } from '../words/human.ts';
import { amountInWords, STATE_FIELDS, stateInWords } from '../words/transfer-words.ts';

const Link = z.looseObject({
  peer: z.object({ device: z.string(), account: z.string() }),
  path: z.object({ kind: z.string(), local: z.string(), remote: z.string() }),
  since: z.number(),
  roundTripMs: z.number().optional(),
  traffic: z.object({ receivedPerSecond: z.number(), sentPerSecond: z.number() }),
});
const Holders = z.object({ holding: z.number(), devices: z.number() });
const PortMapping = z.object({
  kind: z.string(),
  ...{ external: z.string().optional(), protocol: z.string().optional(), reason: z.string().optional() },
});
const Status = asToldBy<EngineStatus>()(
  z.object({
    account: z.object({ uri: z.string(), device: z.string(), name: z.string() }),
    links: z.array(Link),
    dht: z.object({ kind: z.string(), reason: z.string().optional(), address: z.string().optional() }).optional(),
    portMapping: PortMapping.optional(),
    transfers: z.array(
      z.looseObject({
        displayName: z.string(),
        ...STATE_FIELDS,
        direction: z.string(),
        bytes: z.number(),
        totalSize: z.number(),
      }),
    ),
    waiting: z.array(z.looseObject({ displayName: z.string(), state: z.string(), says: z.string(), holders: Holders })),
    diskShortage: z.object({ free: z.number(), reserve: z.number() }).optional(),
    requests: z.object({ served: z.number(), declined: z.record(z.string(), z.number()) }),
    bans: z.array(z.looseObject({ conversation: z.string(), by: z.string(), at: z.number() })),
    refused: z.array(z.looseObject({ from: z.string(), commit: z.string(), rule: z.string(), message: z.string() })),
  }),
);
type Status = z.infer<typeof Status>;

export function addStatusCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('status')
    .description(
      'show links, bans, transfers, why files are missing, requests that came, and commits that were refused',
    )
    .action(action(surroundings, ({ context }) => showStatus(context)));
}

async function showStatus({ output, call }: CommandContext): Promise<void> {
  const given = await call('status');
  output.value(given);
  const status = Status.parse(given);
  const parts = [
    linkLines,
    banLines,
    dhtLines,
    mappingLines,
    shortageLines,
    transferLines,
    waitingLines,
    requestLines,
    refusedLines,
  ];
  for (const line of parts.flatMap((lines) => lines(status))) output.line(line);
}

function linkLines({ links }: Status): string[] {
  if (links.length === 0) return ['no links'];
  const right = { align: 'right' as const };
  const columns = [
    ...[{ title: 'DEVICE' }, { title: 'ACCOUNT' }, { title: 'PATH' }, { title: 'FROM' }, { title: 'TO' }],
    ...['RTT', 'IN', 'OUT', 'UP FOR'].map((title) => ({ title, ...right })),
  ];
  const now = Date.now();
  return tableLines(
    columns,
    links.map(({ peer, path, roundTripMs, traffic, since }) => [
      ...[shortId(peer.device), shortId(peer.account), path.kind, path.local, path.remote],
      roundTripInWords(roundTripMs),
      ...[traffic.receivedPerSecond, traffic.sentPerSecond].map(humanRate),
      humanSpan(Math.max(0, now - since)),
    ]),
  );
}

/** It is measured in whole milliseconds. */
function roundTripInWords(ms: number | undefined): string {
  if (ms === undefined) return '';
  return ms < 1 ? '<1 ms' : humanSpan(ms);
}

function dhtLines({ dht }: Status): string[] {
  if (dht?.kind === 'gate')
    return ['', `devices are found through a gate, ${dht.address}: the DHT is not reached by UDP`];
  return dht?.kind === 'unreachable'
    ? ['', `devices are found on the local network only until the DHT is reached, which is tried: ${dht.reason}`]
    : [];
}

function mappingLines({ portMapping }: Status): string[] {
  const { kind, external, protocol, reason } = portMapping ?? {};
  if (kind === 'open') return ['', `the router lets others in at ${external} (${protocol})`];
  return kind === 'closed' ? ['', `the router lets nobody in, and is asked again: ${reason}`] : [];
}

function shortageLines({ diskShortage }: Status): string[] {
  if (!diskShortage) return [];
  const [free, reserve] = [humanBytes(diskShortage.free), humanBytes(diskShortage.reserve)];
  return [
    '',
    `the disk has ${free} left and ${reserve} are kept free: neither messages nor files come until there is room`,
  ];
}

function transferLines({ transfers }: Status): string[] {
  if (transfers.length === 0) return [];
  const now = Date.now();
  const columns = [
    { title: 'TRANSFER' },
    { title: 'STATE' },
    { title: 'BYTES', align: 'right' as const },
    { title: 'NAME' },
  ];
  return [
    '',
    ...tableLines(
      columns,
      transfers.map((transfer) => [
        transfer.direction,
        stateInWords(transfer, now),
        amountInWords(transfer),
        cleanText(transfer.displayName),
      ]),
    ),
  ];
}

function waitingLines({ waiting }: Status): string[] {
  if (waiting.length === 0) return [];
  const columns = [{ title: 'MISSING' }, { title: 'NAME' }, { title: 'HELD BY' }, { title: 'WHY' }];
  return [
    '',
    ...tableLines(
      columns,
      waiting.map(({ displayName, state, holders: { holding, devices }, says }) => [
        state,
        cleanText(displayName),
        `${holding} of ${devices}`,
        says,
      ]),
    ),
  ];
}

/** It gets nothing more of these, and nobody hears what is said in them here. */
function banLines({ bans }: Status): string[] {
  if (bans.length === 0) return [];
  const now = Date.now();
  const rows = bans.map(({ conversation, by, at }) => [
    conversation,
    shortId(by),
    `${humanSpan(Math.max(0, now - at))} ago`,
  ]);
  return ['', ...tableLines([{ title: 'YOU WERE BANNED FROM' }, { title: 'BY' }, { title: 'HEARD' }], rows)];
}

/** What other devices asked for since the engine started; nothing when they did not. */
function requestLines({ requests: { served, declined } }: Status): string[] {
  const reasons = Object.entries(declined);
  if (served === 0 && reasons.length === 0) return [];
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const why = reasons.map(([reason, count]) => `${reason} ${count}`).join(', ');
  return ['', `requests: ${served} served, ${total} declined${total > 0 ? ` (${why})` : ''}`];
}

/** Commits that were offered and not taken in, each with the rule it breaks. */
function refusedLines({ refused }: Status): string[] {
  if (refused.length === 0) return [];
  const columns = [{ title: 'REFUSED' }, { title: 'OFFERED BY' }, { title: 'RULE' }, { title: 'WHY' }];
  const rows = refused.map(({ from, commit, rule, message }) => [
    shortId(commit),
    shortId(from),
    cleanText(rule),
    cleanText(message),
  ]);
  return ['', ...tableLines(columns, rows)];
}
