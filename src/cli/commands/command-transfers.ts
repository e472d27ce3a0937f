/** transfers: what moved, moves, or may move, in either direction. */
import type { Command } from 'commander';
import * as z from 'zod';
import { action, type CommandUse, type Surroundings, wordAt } from '../context.ts';
import { tableLines } from '../terminal/table.ts';
import { cleanText } from '../words/clean-text.ts';
import { humanBytes, humanRate, shortId } from '../words/human.ts';
import { amountInWords, STATE_FIELDS, stateInWords } from '../words/transfer-words.ts';

const Share = z.looseObject({
  ...STATE_FIELDS,
  peer: z.string(),
  account: z.string().optional(),
  bytes: z.number(),
  bytesPerSecond: z.number().optional(),
});
const Transfer = z.looseObject({
  ...STATE_FIELDS,
  interaction: z.string(),
  displayName: z.string(),
  direction: z.string(),
  bytes: z.number(),
  totalSize: z.number(),
  bytesPerSecond: z.number().optional(),
  subTransfers: z.array(Share),
});
type Transfer = z.infer<typeof Transfer>;
type Share = z.infer<typeof Share>;

interface TransfersOptions {
  readonly all?: boolean;
}

export function addTransfersCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('transfers')
    .argument('<conversation>')
    .option('--all', 'the share of each device as well')
    .description('list what moved, moves, or may move, in either direction, and what it waits for')
    .action(action<TransfersOptions>(surroundings, listTransfers));
}

async function listTransfers({ context, words, options: { all = false } }: CommandUse<TransfersOptions>) {
  const { output } = context;
  const transfers = z.array(Transfer).parse(await context.call('transfers', { conversation: wordAt(words, 0) }));
  for (const transfer of transfers) output.value(transfer);
  const columns = [
    { title: 'FILE' },
    { title: 'DIRECTION' },
    { title: 'STATE' },
    { title: 'DEVICES', align: 'right' as const },
    { title: 'BYTES', align: 'right' as const },
    { title: 'RATE', align: 'right' as const },
    { title: 'NAME' },
  ];
  const now = Date.now();
  const rows = transfers.flatMap((transfer) => [
    row(transfer, now),
    ...(all ? transfer.subTransfers.map((share) => shareRow(share, now)) : []),
  ]);
  if (rows.length > 0) for (const line of tableLines(columns, rows)) output.line(line);
  else output.remark('No files are announced in this conversation that could move.');
}

function row(transfer: Transfer, now: number): readonly string[] {
  const { interaction, direction, subTransfers, bytesPerSecond, displayName } = transfer;
  return [
    shortId(interaction),
    direction,
    stateInWords(transfer, now),
    String(subTransfers.length),
    amountInWords(transfer),
    rateText(bytesPerSecond),
    cleanText(displayName),
  ];
}

function shareRow(share: Share, now: number): readonly string[] {
  const { peer, account, phase, bytes, bytesPerSecond } = share;
  const whose = account === undefined ? '' : ` of ${shortId(account)}`;
  return [
    '',
    '',
    `  ${stateInWords(share, now)}`,
    '',
    humanBytes(bytes),
    phase === 'running' ? rateText(bytesPerSecond) : '',
    `${shortId(peer)}${whose}`,
  ];
}

function rateText(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? '' : humanRate(bytesPerSecond);
}
