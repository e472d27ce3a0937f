/** What up does until it is told to stop. */
import { createControlHandler } from '../../engine/control/control-methods.ts';
import { serveControl } from '../../engine/control/serve-control-adapter.ts';
import { createEngine } from '../../engine/create-engine.ts';
import { SyncError } from '../../errors.ts';
import { isLoopbackOnly, parseHostChoice } from '../../net/addresses/host-choice.ts';
import type { PathKind } from '../../net/net.ts';
import type { CommandUse } from '../context.ts';
import { ended } from '../ended.ts';
import { readPolicyFile } from '../input/policy-file.ts';
import { readRelayFile } from '../input/relay-file.ts';
import { createPinoLog } from '../pino-adapter.ts';

export interface UpOptions {
  /** None: only devices on the local network are found. */
  readonly bootstrap?: readonly string[];
  readonly host: readonly string[];
  /** False after `--no-lan`. */
  readonly lan: boolean;
  readonly portMapping?: boolean;
  /** The path of a list of relays; that of the home by default. */
  readonly relays?: string;
  readonly paths?: readonly PathKind[];
  readonly accept: 'pictures' | 'all' | 'nothing';
  /** The path of a policy file. */
  readonly policy?: string;
  readonly limitUp?: number;
  readonly limitDown?: number;
}

const NOBODY =
  'Nobody could be found: give --bootstrap HOST:PORT, or with --host an address of this machine on the local network.';

export async function runEngine({
  context,
  options: { bootstrap = [], host, lan, portMapping, relays, paths, accept, policy, limitUp, limitDown },
}: CommandUse<UpOptions>): Promise<void> {
  const { output, signal } = context;
  if (bootstrap.length === 0 && (!lan || isLoopbackOnly(parseHostChoice(host))))
    throw new SyncError('USAGE', { detail: NOBODY });
  const engine = await createEngine({
    home: context.home(),
    bootstrap,
    host,
    relays: await readRelayFile(context.home(), relays),
    ...(paths && { paths }),
    ...(!lan && { lan }),
    ...(portMapping && { portMapping }),
    policy: policy === undefined ? { auto: accept } : await readPolicyFile(policy),
    bandwidth: { ...(limitUp !== undefined && { up: limitUp }), ...(limitDown !== undefined && { down: limitDown }) },
    log: createPinoLog(context.logLevel),
    signal,
  });
  await using _ = engine;
  await using __ = await serveControl(context.home(), createControlHandler(engine));
  const { account, addresses } = engine;
  output.value({ ...account, addresses });
  output.line(`${account.name} (${account.uri}) is up on ${addresses.join(', ')}; Ctrl-C ends it`);
  await Promise.race([ended(signal), engine.ended]);
}
