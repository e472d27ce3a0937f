/** The recorded conversation of `fixtures/jami/one-to-one`, and what another implementation says of it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../fixtures/jami/one-to-one');

export const HOLDERS = ['alice', 'alice2', 'bob'] as const;
export type Holder = (typeof HOLDERS)[number];

export const bundleOf = (holder: Holder): string => join(folder, `${holder}.bundle`);
export const dataOf = (holder: Holder): string => join(folder, 'conversation_data', holder);

export interface ExpectedFile {
  readonly id: string;
  readonly fileId: string;
  readonly displayName: string;
  readonly totalSize: string;
  readonly sha3sum: string;
  readonly presentOn: Readonly<Record<Holder, { readonly state: string; readonly symlink: string | null }>>;
}

export interface ExpectedCommit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly authorDevice: string;
  readonly memberUri: string;
  readonly timestamp: number;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>> | null;
}

export interface Expected {
  readonly conversationId: string;
  readonly members: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, string>>;
  readonly holders: Readonly<
    Record<Holder, { readonly head: string; readonly commitCount: number; readonly mergeCount: number }>
  >;
  readonly commits: readonly ExpectedCommit[];
  readonly fileTransfers: readonly ExpectedFile[];
  readonly daemonLoadedMessages: Readonly<
    Record<
      Holder,
      {
        readonly head: string;
        readonly messages: readonly { readonly id: string; readonly linearizedParent: string }[];
      }
    >
  >;
}

export const expected: Expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
