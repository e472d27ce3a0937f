/** What the control socket can ask of an engine: each method is one call of the library. */
import * as z from 'zod';
import { SyncError } from '../../errors.ts';
import { ConversationId } from '../../ids.ts';
import { WORDS } from '../../projections/journal/words.ts';
import type { ReadProgress } from '../engine.ts';
import { type ControlledEngine, type Method, OfConversation, written } from './control-method.ts';
import type { ControlHandler } from './control-protocol.ts';
import { CONVERSATION_METHODS } from './conversation-methods.ts';
import { createEventLoopDelay } from './event-loop-delay.ts';
import { fetchAndTell } from './fetch-and-tell.ts';

const Rate = z.number().nullable().exactOptional();
const BandwidthChange = z.strictObject({ conversation: ConversationId.exactOptional(), up: Rate, down: Rate });

const FetchParams = OfConversation.extend({
  files: z.array(z.string()).exactOptional(),
  wait: z.boolean().default(false),
});

const METHODS: Readonly<Record<string, Method>> = {
  status: (engine) => engine.status(),
  'take-revocations': (engine) => engine.takeRevocations(),
  limits(engine, params) {
    engine.limitBandwidth(BandwidthChange.parse(params));
    return engine.bandwidth();
  },
  ...CONVERSATION_METHODS,
  /** Emits `{ hashing }` while the file is read; before, where it cannot be linked, `{ copying }`. */
  async 'send-file'({ conversations }, params, { emit, signal }) {
    const { conversation, path, name } = OfConversation.extend({ path: z.string(), name: z.string().optional() }).parse(
      params,
    );
    const onHashed = (hashing: ReadProgress) => emit({ hashing });
    const onCopied = (copying: ReadProgress) => emit({ copying });
    const options = { signal, onHashed, onCopied, ...(name !== undefined && { displayName: name }) };
    const handle = conversations.open(conversation);
    const { interaction, fileId } = await handle.sendFile(path, options);
    return written(handle, { interaction: interaction.id, fileId });
  },
  'explain-policy'({ conversations }, params) {
    const { conversation, file } = OfConversation.extend({ file: z.string() }).parse(params);
    const handle = conversations.open(conversation);
    return handle.explainPolicy(handle.findFile(file).interaction);
  },
  why({ conversations }, params) {
    const { conversation, file } = OfConversation.extend({ file: z.string() }).parse(params);
    const handle = conversations.open(conversation);
    return handle.why(handle.findFile(file).interaction);
  },
  fetch({ conversations }, params, call) {
    const { conversation, ...request } = FetchParams.parse(params);
    return fetchAndTell(conversations.open(conversation), request, call);
  },
  say({ conversations }, params) {
    const { conversation, word, files } = OfConversation.extend({
      word: z.enum(WORDS),
      files: z.array(z.string()).min(1),
    }).parse(params);
    const handle = conversations.open(conversation);
    // All are found before anything is done, so that a mistyped one does not leave the work half done.
    const found = files.map((file) => handle.findFile(file));
    for (const { interaction } of found) handle[word](interaction);
    return found.map(({ interaction, fileId, displayName }) => ({ interaction, fileId, displayName, word }));
  },
  transfers({ conversations }, params) {
    return conversations.open(OfConversation.parse(params).conversation).transfers();
  },
  async changes({ conversations }, params, { emit, signal }) {
    const handle = conversations.open(OfConversation.parse(params).conversation);
    const changes = handle.changes({ signal });
    // Whoever hears this misses nothing from here on.
    emit({ kind: 'subscribed' });
    for await (const change of changes) emit(change);
  },
};

/** Answers control requests with the engine. What the caller got wrong is USAGE. */
export function createControlHandler(engine: ControlledEngine): ControlHandler {
  const delay = createEventLoopDelay();
  const methods: Readonly<Record<string, Method>> = { ...METHODS, 'event-loop-delay': () => delay.look() };
  return async ({ method, params }, call) => {
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!run) throw new SyncError('USAGE', { detail: `This engine knows no "${method}"; is it of another version?` });
    try {
      return await run(engine, params, call);
    } catch (error) {
      if (error instanceof z.ZodError)
        throw new SyncError('USAGE', { detail: usageOf(error, params) }, { cause: error });
      throw error;
    }
  };
}

function usageOf(error: z.ZodError, params: Readonly<Record<string, unknown>>): string {
  return error.issues.map(({ path, message }) => `${named(path, params)} ${message}.`).join(' ');
}

/** The parameter as the caller knows it, with what was given for it: `interactions "zz"`. */
function named(path: readonly PropertyKey[], params: Readonly<Record<string, unknown>>): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], params);
  const name = path.filter((key) => typeof key === 'string').join('.') || 'The request';
  return typeof value === 'string' ? `${name} ${JSON.stringify(value)}` : name;
}
