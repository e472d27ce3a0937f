import { expect, it } from 'vitest';
import { createLiveProgress } from '../../../../../src/engine/files/progress/live-progress.ts';
import { whyFile } from '../../../../../src/engine/files/views/why-file.ts';
import { announcedFiles } from '../../../../../src/projections/files.ts';
import { person } from '../../../../support/engine/live-conversations.ts';
import { plannedGroup } from '../../../../support/engine/planned-group.ts';
import { announcedFile, sha3Of } from '../../../../support/fetcher/announced-file.ts';
import { only } from '../../../../support/only.ts';

it('says how far a device is that takes a file from here, before the journal knows of it', async () => {
  const bob = person(2);
  const sha3sum = sha3Of(Buffer.from('a'));
  const group = await plannedGroup((write) => {
    write({ kind: 'message-sent', body: 'hello' }, 2);
    write({ kind: 'file-announced', displayName: 'a.png', totalSize: 1000, sha3sum, tid: '7' });
  });
  const { conversation, keeper, clock } = group;
  const progress = createLiveProgress(clock);
  const { interaction, fileId } = only([...announcedFiles(conversation.states().files)]);
  const about = { conversation: conversation.id, interaction, fileId };
  const share = { ...about, peer: bob.device, direction: 'serving' } as const;
  keeper.record({ kind: 'file-verified', ...about, size: 1000, mtimeMs: 0, inode: 0, at: 0 });
  keeper.record({ kind: 'sub-transfer-started', ...share, start: 0, at: 0 });
  progress.note({ ...share, file: { ...announcedFile(new Uint8Array(1000)), ...about }, bytes: 400 });
  const { devices } = whyFile(conversation, interaction, { ...group, progress });
  expect(devices.find(({ device }) => device === bob.device)?.taking).toMatchObject({ phase: 'running', bytes: 400 });
});
