import { messageOf, SyncError } from '../../errors.ts';
import { never } from '../../never.ts';
import type { Clock, Milliseconds, Random } from '../../ports.ts';
import { type Address, formatAddress } from '../address.ts';
import { type GotPort, MAPPING_START, type MappingEffect, type MappingInput, step } from './mapping-machine.ts';
import type { AskOptions, MappingProtocol } from './router-client.ts';
import { type Answer, RouterDesk, type RouterDeskOptions } from './router-desk.ts';

/** Whether a router lets connections from the internet in to this device. Addresses are `host:port`. */
export type PortMappingState =
  /** It is not asked. */
  | { readonly kind: 'off' }
  /** For the first time, or since this machine is at another address. */
  | { readonly kind: 'asking' }
  | {
      readonly kind: 'open';
      readonly protocol: MappingProtocol;
      readonly router: string;
      readonly internal: string;
      /** By the router's word. */
      readonly external: string;
      /** Milliseconds since the Unix epoch; the router is asked again before. */
      readonly until: number;
    }
  /** It is tried again and again. */
  | { readonly kind: 'closed'; readonly reason: string; readonly tries: number };

export interface PortMapping {
  state(): PortMappingState;
  /** Where others reach this device as well, by TCP; undefined while no port is open. */
  external(): Address | undefined;
  /** Called when others can reach this device at another place than before. */
  watch(onOpened: () => void): void;
  /** This machine is at other addresses: begins anew. */
  refresh(): void;
  /** Gives the port back, as far as there is time for. */
  close(options: AskOptions): Promise<void>;
}

export interface PortMappingOptions extends RouterDeskOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** No router is asked. */
export const NO_MAPPING: PortMapping = {
  state: () => ({ kind: 'off' }),
  external: () => undefined,
  watch() {},
  refresh() {},
  async close() {},
};

/** Draws are from `[0, 1)`, in so many steps. */
const DRAWS = 1000;
const STOPPED = new SyncError('CANCELLED', { what: 'Asking the router for a port' });

/** Keeps a port open on the router that this machine's packets to the internet go to, as far as that does so. */
export class KeptPort implements PortMapping {
  readonly #options: PortMappingOptions;
  readonly #desk: RouterDesk;
  readonly #watchers: (() => void)[] = [];
  #state = MAPPING_START;
  #asking = new AbortController();
  #sleeping = new AbortController();
  /** Ends what is given back; it has its own deadlines before the end. */
  #farewell = new AbortController().signal;
  #givenBack: Promise<void> = Promise.resolve();

  constructor(options: PortMappingOptions) {
    this.#options = options;
    this.#desk = new RouterDesk(options);
    this.#feed({ kind: 'begin' });
  }

  state(): PortMappingState {
    const { open, reason, failures: tries } = this.#state;
    if (open === undefined) return reason === undefined ? { kind: 'asking' } : { kind: 'closed', reason, tries };
    const { protocol, router, internal, external, until } = open;
    const ends = { internal: formatAddress(internal), external: formatAddress(external) };
    return { kind: 'open', protocol, router, ...ends, until };
  }

  external(): Address | undefined {
    return this.#state.open?.external;
  }

  watch(onOpened: () => void): void {
    this.#watchers.push(onOpened);
  }

  refresh(): void {
    this.#feed({ kind: 'begin' });
  }

  async close({ signal }: AskOptions): Promise<void> {
    this.#farewell = signal;
    this.#asking.abort(STOPPED);
    this.#sleeping.abort(STOPPED);
    this.#feed({ kind: 'end' });
    await this.#givenBack;
  }

  #feed(input: MappingInput): void {
    const before = this.state();
    const { state, effects } = step(this.#state, input);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (state.phase === 'begun') this.#tell(before, this.state());
  }

  #tell(before: PortMappingState, after: PortMappingState): void {
    const { log } = this.#options;
    if (after.kind === 'closed' && before.kind !== 'closed') log.info('the router opens no port', after);
    if (after.kind !== 'open' || (before.kind === 'open' && before.external === after.external)) return;
    log.info('the router lets others in to this device', after);
    for (const watcher of this.#watchers) watcher();
  }

  #perform(effect: MappingEffect): void {
    switch (effect.kind) {
      case 'ask':
        void this.#ask(effect.attempt, effect.last);
        break;
      case 'wake-after':
        this.#wakeAfter(effect.ms);
        break;
      case 'give-back':
        this.#givenBack = this.#giveBack(effect.port);
        break;
      default:
        never(effect);
    }
  }

  async #ask(attempt: number, last: GotPort | undefined): Promise<void> {
    const { clock, random } = this.#options;
    this.#asking.abort(STOPPED);
    this.#sleeping.abort(STOPPED);
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const answer = await this.#desk
      .ask(last, { signal })
      .catch((error: unknown): Answer => ({ kind: 'failed', reason: messageOf(error) }));
    this.#feed({ ...answer, attempt, now: clock.now(), draw: random.below(DRAWS) / DRAWS });
  }

  #wakeAfter(ms: Milliseconds): void {
    const { clock } = this.#options;
    this.#sleeping.abort(STOPPED);
    this.#sleeping = new AbortController();
    clock.wait(ms, this.#sleeping.signal).then(
      () => this.#feed({ kind: 'due', now: clock.now() }),
      () => {},
    );
  }

  async #giveBack(port: GotPort): Promise<void> {
    try {
      await this.#desk.giveBack(port, { signal: this.#farewell });
    } catch (error) {
      this.#options.log.debug('the router closes the port when its time is up', { reason: messageOf(error) });
    }
  }
}
