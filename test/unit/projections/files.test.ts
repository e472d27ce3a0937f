import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Digest, FileId } from '../../../src/ids.ts';
import { announcedFiles, files } from '../../../src/projections/files.ts';
import { project } from '../../../src/projections/projection.ts';
import {
  account,
  commitId,
  device,
  expectedRecording,
  interaction,
  recordedInteractions,
} from '../../support/events/interactions.ts';
import { only } from '../../support/only.ts';

const digest = Digest.parse('b'.repeat(128));
const announced = interaction({
  id: 1,
  event: { kind: 'file-announced', displayName: 'a.png', sha3sum: digest, tid: '7', totalSize: 3 },
});
const deleted = (by: number) => interaction({ id: 2, by, event: { kind: 'file-deleted', edit: commitId(1) } });
const listOf = (history: Parameters<typeof project>[1]) => [...announcedFiles(project(files, history))];

describe('files', () => {
  it('knows an announced file by everything it takes to get it', () => {
    expect(only(listOf([announced]))).toEqual({
      interaction: commitId(1),
      fileId: FileId.parse(`${commitId(1)}_7.png`),
      displayName: 'a.png',
      totalSize: 3,
      digest,
      author: account(1),
      device: device(1),
      committedAt: announced.committedAt,
      isDeleted: false,
    });
  });

  it.each([
    ['marks what its author took back', [announced, deleted(1)], true],
    ['lets nobody else take it back', [announced, deleted(2)], false],
    ['knows of a deletion that came first', [deleted(1), announced], true],
    ['forgets a stranger’s deletion that came first', [deleted(2), announced], false],
  ])('%s', (_, history, isDeleted) => {
    const { deletedOn, ...file } = only(listOf(history));
    expect(file.isDeleted).toBe(isDeleted);
    expect(deletedOn).toBe(isDeleted ? device(1) : undefined);
  });

  it('keeps a deletion that came first no longer than until the file is announced', () => {
    expect(project(files, [deleted(1), announced]).earlyDeletions.size).toBe(0);
  });

  it('leaves out what nobody can be held to: an announcement without an author', () => {
    const { author: _, ...anonymous } = announced;
    expect(listOf([anonymous])).toEqual([]);
  });

  it('finds every announced file of the recorded conversation', () => {
    const { fileTransfers } = expectedRecording(
      z.object({
        fileTransfers: z.array(
          z.object({
            id: z.string(),
            fileId: z.string(),
            displayName: z.string(),
            totalSize: z.string(),
            sha3sum: z.string(),
          }),
        ),
      }),
    );
    const found = listOf(recordedInteractions()).map((file) => ({
      id: file.interaction,
      fileId: file.fileId,
      displayName: file.displayName,
      totalSize: String(file.totalSize),
      sha3sum: file.digest,
    }));
    expect(found).toEqual(fileTransfers);
  });
});
