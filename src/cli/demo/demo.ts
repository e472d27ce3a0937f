/** The whole story in a temporary folder: what the engine is for, told by three engines that really run. */
import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { verifyHistory } from '../../conversation/judge/verify-history.ts';
import { openSource } from '../../conversation/repository/open-source-adapter.ts';
import { SyncError } from '../../errors.ts';
import { humanSpan } from '../../human-span.ts';
import { FetchEvent, outcomeLine } from '../commands/fetch-event.ts';
import type { CommandContext } from '../context.ts';
import type { Output } from '../terminal/output.ts';
import { createProgressBars } from '../terminal/progress.ts';
import { tableLines } from '../terminal/table.ts';
import { humanBytes, shortId } from '../words/human.ts';
import { BIG_FILE_NAME, type DemoFile, makeDemoFiles } from './demo-files.ts';
import { watchRecovery } from './demo-recovery.ts';
import { takeFromTwo } from './demo-sources.ts';
import { createWorld, type Person, type World } from './demo-world.ts';

const PATIENCE_MS = 120_000;

export interface Sent extends DemoFile {
  readonly interaction: string;
  readonly fileId: string;
  readonly mishap: string;
}

export interface Stage extends CommandContext, People {
  readonly world: World;
  readonly conversation: string;
}

export async function demo(context: CommandContext): Promise<void> {
  const started = performance.now();
  await using world = await createWorld(context.signal);
  const people = await startPeople(context, world);
  // Takes seconds, which nobody needs to wait for now; whoever awaits it learns of a failure.
  const carolsHome = world.makeAccount('Carol');
  carolsHome.catch(() => {});
  const conversation = await converse(context, people);
  const stage: Stage = { ...context, world, ...people, conversation };
  const sent = await announce(stage);
  await loseAndRecover(stage, sent);
  await conclude(stage, sent);
  await joinedByCarol(stage, sent, await carolsHome);
  context.output.line();
  context.output.line(
    `The whole story took ${humanSpan(performance.now() - started)}. Nothing of it is left on your disk.`,
  );
}

interface People {
  readonly alice: Person;
  readonly bob: Person;
  readonly bootstrap: string;
}

async function startPeople({ output }: CommandContext, world: World): Promise<People> {
  title(output, '1. Two devices that have never met');
  const { bootstrap, pid } = await world.startDht();
  output.line(`A small DHT runs on this machine (process ${pid}); nothing leaves ${bootstrap.split(':')[0]}.`);
  const [aliceHome, bobHome] = await Promise.all([world.makeAccount('Alice'), world.makeAccount('Bob')]);
  const [alice, bob] = await Promise.all([
    world.startEngine({ name: 'Alice', home: aliceHome, bootstrap }),
    world.startEngine({ name: 'Bob', home: bobHome, bootstrap }),
  ]);
  for (const { name, uri, device, pid: engine } of [alice, bob]) {
    output.line(
      `${name.padEnd(5)}  account ${shortId(uri)}, device ${shortId(device)}, an engine of its own (process ${engine})`,
    );
  }
  return { alice, bob, bootstrap };
}

async function converse(context: CommandContext, { alice, bob }: People): Promise<string> {
  const { output } = context;
  title(output, '2. A conversation is a signed git log that both of them hold');
  const { conversation } = z
    .object({ conversation: z.string() })
    .parse(await alice.call('new', { title: 'Weekend plans' }));
  await alice.call('invite', { conversation, uri: bob.uri });
  output.line(`Alice makes conversation ${shortId(conversation)} and invites Bob, whose device she finds in the DHT.`);
  await until(context, 'Bob’s invitation', () => isInvited(bob));
  await bob.call('join', { conversation });
  output.line('Bob gets the invitation, clones the log over TLS 1.3, checks every signature, and joins.');
  await alice.call('send', { conversation, text: 'Hello Bob, the files of the meeting follow.' });
  await bob.call('send', { conversation, text: 'Hello Alice, go ahead!' });
  await untilSameHead(context, [alice, bob]);
  output.line(`They exchange messages; both devices now stand at commit ${shortId(await headOf(bob))}.`);
  return conversation;
}

async function announce(stage: Stage): Promise<readonly Sent[]> {
  const { output, alice, bob, conversation, world } = stage;
  title(output, '3. Files are announced in the log; their bytes never enter it');
  const files = await makeDemoFiles(world.folder);
  const sent: Sent[] = [];
  for (const [file, mishap] of [
    [files.text, 'deleted'],
    [files.picture, 'deleted'],
    [files.big, 'one byte flipped'],
  ] as const) {
    const Announced = z.object({ interaction: z.string(), fileId: z.string() });
    const announced = Announced.parse(await alice.call('send-file', { conversation, path: file.path }));
    sent.push({ ...file, ...announced, mishap });
    output.line(`Alice announces ${file.name}: name, size and SHA3-512 as commit ${shortId(announced.interaction)}.`);
  }
  await untilSameHead(stage, [alice, bob]);
  output.line('Bob’s engine fetches small pictures by itself. He asks for the rest:');
  await fetchAll(stage, bob);
  return sent;
}

async function loseAndRecover(stage: Stage, sent: readonly Sent[]): Promise<void> {
  const { output, bob } = stage;
  title(output, '4. Bob loses two of the files, and a third is damaged');
  const recovery = watchRecovery(stage, sent);
  await recovery.isWatching;
  for (const { fileId, name, mishap } of sent) {
    const path = join(dataFolder(stage, bob), fileId);
    if (mishap === 'deleted') await rm(path);
    else await flipByte(path);
    output.line(`${mishap === 'deleted' ? 'deleted' : 'damaged'}  ${name}`);
  }
  output.line('Nobody tells the engine. Its projection of the log and of what this device did finds out and asks:');
  await recovery.isOver;
}

async function conclude(stage: Stage, sent: readonly Sent[]): Promise<void> {
  const { output, bob, alice, conversation } = stage;
  title(output, '5. What is on Bob’s disk now');
  const rows: string[][] = [];
  for (const { name, path, fileId, mishap } of sent) {
    const [original, copy] = await Promise.all([path, join(dataFolder(stage, bob), fileId)].map(digestOf));
    const isEqual = original?.digest === copy?.digest;
    const size = copy?.size ?? 0;
    output.value({ name, fileId, size, mishap, sha3sum: copy?.digest, isEqual });
    rows.push([
      name,
      humanBytes(size),
      mishap,
      isEqual ? output.colours.green('complete') : output.colours.red('different'),
      copy?.digest.slice(0, 16) ?? '',
    ]);
    if (!isEqual)
      throw new SyncError('UNREACHABLE', { value: `${name} at ${bob.name} is not what ${alice.name} sent` });
  }
  const columns = [
    { title: 'FILE' },
    { title: 'SIZE', align: 'right' as const },
    { title: 'MISHAP' },
    { title: 'NOW' },
    { title: 'SHA3-512, HASHED ANEW' },
  ];
  for (const line of tableLines(columns, rows)) output.line(line);
  await using reader = await openSource(join(bob.home, 'conversations', conversation));
  const { commits, valid } = await verifyHistory(reader, { signal: stage.signal });
  output.line(
    `Bob’s copy of the log: ${commits} commits, ${valid ? 'every signature and rule checked' : 'NOT valid'}.`,
  );
}

async function joinedByCarol(stage: Stage, sent: readonly Sent[], home: string): Promise<void> {
  const { output, world, alice, bob, conversation, bootstrap } = stage;
  const big = sent.find(({ name }) => name === BIG_FILE_NAME);
  if (!big) throw new SyncError('UNREACHABLE', { value: BIG_FILE_NAME });
  title(output, '6. A third device takes a file from two sources, and one of them dies on the way');
  const carol = await world.startEngine({ name: 'Carol', home, bootstrap });
  await alice.call('invite', { conversation, uri: carol.uri });
  await until(stage, 'Carol’s invitation', async () => isInvited(carol));
  await carol.call('join', { conversation });
  await untilSameHead(stage, [alice, bob, carol]);
  output.line(
    `Carol joins with device ${shortId(carol.device)}; her engine takes ${big.name} from both at the same time.`,
  );
  await takeFromTwo({ ...stage, sources: [alice, bob], newcomer: carol }, big);
  const [original, copy] = await Promise.all([big.path, join(dataFolder(stage, carol), big.fileId)].map(digestOf));
  const isEqual = original?.digest === copy?.digest;
  output.value({ name: big.name, fileId: big.fileId, size: copy?.size, sha3sum: copy?.digest, isEqual });
  if (!isEqual) throw new SyncError('UNREACHABLE', { value: `${big.name} at Carol is not what Alice sent` });
  output.line(`What Carol has is byte for byte what Alice sent: ${copy?.digest.slice(0, 16)}, hashed anew.`);
}

async function isInvited(person: Person): Promise<boolean> {
  const Invitations = z.object({ invitations: z.array(z.object({ conversation: z.string() })) });
  return Invitations.parse(await person.call('conversations')).invitations.length > 0;
}

async function fetchAll({ output, stderr, conversation }: Stage, person: Person): Promise<void> {
  const bars = createProgressBars(output, stderr);
  try {
    const onEvent = (given: unknown) => {
      const event = FetchEvent.parse(given);
      if ('transfer' in event) bars.show(event.transfer);
      else bars.ended(event.outcome.interaction, outcomeLine(event.outcome, output));
    };
    await person.call('fetch', { conversation, wait: true }, { onEvent });
  } finally {
    bars.stop();
  }
}

async function headOf(person: Person): Promise<string> {
  const Heads = z.object({ conversations: z.array(z.object({ head: z.string() })) });
  return Heads.parse(await person.call('conversations')).conversations[0]?.head ?? '';
}

function untilSameHead(context: CommandContext, people: readonly Person[]): Promise<void> {
  return until(context, 'the same head on all devices', async () => {
    const heads = await Promise.all(people.map(headOf));
    return new Set(heads).size === 1;
  });
}

/** The engines tell each other at once; this only waits until they have. Throws TIMED_OUT. */
async function until({ signal }: CommandContext, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  while (!(await isSo())) {
    signal.throwIfAborted();
    if (deadline.aborted) throw new SyncError('TIMED_OUT', { what: `Waiting for ${what}`, ms: PATIENCE_MS });
    await delay(50);
  }
}

function dataFolder({ conversation }: Stage, { home }: Person): string {
  return join(home, 'conversation_data', conversation);
}

async function flipByte(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, 12_345);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, 12_345);
}

/** Hashed here with Node's own SHA3, independently of the engines. */
async function digestOf(path: string): Promise<{ digest: string; size: number }> {
  const bytes = await readFile(path);
  return { digest: createHash('sha3-512').update(bytes).digest('hex'), size: bytes.length };
}

function title({ line, colours }: Output, text: string): void {
  line();
  line(colours.bold(text));
}
