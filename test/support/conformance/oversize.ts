/** Histories whose packs are what is wrong: each commit by itself is right. Each has a bundle of its own, to be served and fetched. */
import type { CommitId } from '../../../src/ids.ts';
import { GIT_OBJECT_BYTES } from '../../../src/limits.ts';
import { adminFiles, type Files, Forge } from '../conversation/forge.ts';
import { NOBODY } from '../conversation/judged-group.ts';
import { testAccount } from '../identity/accounts.ts';
import { CHECKPOINT } from './cast.ts';

export interface OversizeHistory {
  readonly name: string;
  readonly head: CommitId;
}

/** Together they inflate to a thousand times what has to be sent of them. */
const ATTACHMENTS = 3;

export async function oversizeHistories(): Promise<{ forge: Forge; histories: readonly OversizeHistory[] }> {
  const [forge, alice] = [new Forge(), await testAccount('alice')];
  const says = { type: 'initial', mode: 4, mimeType: 'text/html', parent: NOBODY };
  const document = await forge.commit({ by: alice, says, files: adminFiles(alice), on: [] });
  const attachments = Array.from({ length: ATTACHMENTS }, (_, digit): Files => {
    const content = Buffer.alloc(GIT_OBJECT_BYTES, `${digit}`);
    return { [`attachments/${forge.put('blob', content)}`]: content };
  });
  const checkpoint = (files: Files) => forge.commit({ by: alice, says: CHECKPOINT, files });
  const atOnce = await checkpoint(Object.assign({}, ...attachments));
  forge.rewindTo(document);
  for (const one of attachments) await checkpoint(one);
  const histories = [
    { name: 'R1/inflates-too-far-at-once', head: atOnce },
    { name: 'R1/inflates-too-far-bit-by-bit', head: forge.head },
  ];
  return { forge, histories };
}
