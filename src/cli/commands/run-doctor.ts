import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { turnServerOf } from '../../engine/devices/relay-options.ts';
import { nodeClock, nodeRandom } from '../../engine/node-ports-adapter.ts';
import { parseAddress } from '../../net/address.ts';
import { parseHostChoice } from '../../net/addresses/host-choice.ts';
import { examineNetwork } from '../../net/doctor/examine-network.ts';
import type { Finding } from '../../net/doctor/finding.ts';
import type { CommandContext, CommandUse } from '../context.ts';
import { readRelayFile } from '../input/relay-file.ts';
import { createPinoLog } from '../pino-adapter.ts';
import { tableLines } from '../terminal/table.ts';

export interface DoctorOptions {
  readonly bootstrap: readonly string[];
  readonly host: readonly string[];
  readonly portMapping?: boolean;
  /** STUN servers to ask besides the relays. */
  readonly stun: readonly string[];
  /** The path of a list of relays; that of the home by default. */
  readonly relays?: string;
}

/** Says what was found. False when there is a problem. It needs no home, and uses one if it is named. */
export async function runDoctor({ context, options }: CommandUse<DoctorOptions>): Promise<boolean> {
  const { output, signal, logLevel } = context;
  const home = homeIfNamed(context);
  const findings = await examineNetwork({
    hosts: parseHostChoice(options.host),
    bootstrap: options.bootstrap.map(parseAddress),
    stun: options.stun.map(parseAddress),
    relays: (await relaysOf(home, options)).map(turnServerOf),
    portMapping: options.portMapping ?? false,
    writtenAt: home === undefined ? undefined : await writtenAt(home),
    ...{ clock: nodeClock, random: nodeRandom, log: createPinoLog(logLevel), signal },
  });
  const problems = findings.filter(({ outcome }) => outcome === 'problem').length;
  output.value({ isHealthy: problems === 0, findings });
  for (const line of linesOf(findings)) output.line(line);
  output.line('');
  output.line(problems === 0 ? 'nothing is wrong' : `${problems === 1 ? '1 problem' : `${problems} problems`}`);
  return problems === 0;
}

function homeIfNamed(context: CommandContext): string | undefined {
  try {
    return context.home();
  } catch {
    return undefined;
  }
}

async function relaysOf(home: string | undefined, { relays }: DoctorOptions) {
  return home === undefined && relays === undefined ? [] : readRelayFile(home ?? '', relays);
}

/** When something was last written to the home, as far as its folders tell; undefined for one that is not there. */
async function writtenAt(home: string): Promise<number | undefined> {
  const names = await readdir(home).catch(() => []);
  const looked = ['', ...names].map((name) => stat(join(home, name)).catch(() => undefined));
  const times = (await Promise.all(looked)).flatMap((found) => found?.mtimeMs ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

const MARKS: { readonly [Outcome in Finding['outcome']]: string } = { ok: 'ok', note: 'note', problem: 'PROBLEM' };

function linesOf(findings: readonly Finding[]): readonly string[] {
  const columns = [{ title: '' }, { title: 'CHECK' }, { title: 'WHAT' }, { title: 'FOUND' }];
  return tableLines(
    columns,
    findings.map(({ outcome, check, subject, says }) => [MARKS[outcome], check, subject, says]),
  );
}
