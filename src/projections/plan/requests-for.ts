import { FILE_REQUEST_TYPE, type FileRequest } from '../../events/peer/file-request.ts';
import type { CommitId, ConversationId, DeviceId } from '../../ids.ts';
import { announcedFiles, type FilesState } from '../files.ts';
import type { MembersState } from '../members.ts';
import { noneRevoked } from '../revoked.ts';
import { noneSeen } from '../seen-devices.ts';
import { comparePreference, possibleSources, preferenceOf } from './sources.ts';

/** A request as it would be sent, and the devices it could be sent to, the preferred first. */
export interface RequestView extends FileRequest {
  readonly type: typeof FILE_REQUEST_TYPE;
  readonly to: readonly DeviceId[];
}

/**
 * What a device in this state would ask for if it wanted everything and nobody had been asked yet; oldest announcement first.
 * `isComplete` says what it holds. Needs neither journal nor network.
 */
export function requestsFor(input: {
  readonly conversation: ConversationId;
  readonly files: FilesState;
  readonly members: MembersState;
  readonly device: DeviceId;
  readonly isComplete: (interaction: CommitId) => boolean;
}): readonly RequestView[] {
  const { conversation, device: deviceId } = input;
  const sources = possibleSources(input.members, {
    ...{ self: { device: deviceId }, linked: [], revoked: noneRevoked, seen: noneSeen },
  });
  return [...announcedFiles(input.files)]
    .filter((file) => !file.isDeleted && !input.isComplete(file.interaction))
    .map((file) => {
      const preferences = sources.map((source) => preferenceOf(file, source)).sort(comparePreference);
      const to = preferences.map(({ device }) => device);
      return { type: FILE_REQUEST_TYPE, conversation, interaction: file.interaction, deviceId, to };
    });
}
