import { DISK_TARGETS } from './disk-targets.ts';
import { FILE_TARGETS } from './file-targets.ts';
import { FRAME_TARGETS } from './frame-targets.ts';
import { MEETING_TARGETS } from './meeting-targets.ts';
import { NETWORK_TARGETS } from './network-targets.ts';
import { OBJECT_TARGETS } from './object-targets.ts';
import { PEER_TARGETS } from './peer-targets.ts';
import { ROUTER_TARGETS } from './router-targets.ts';
import type { FuzzTarget } from './target.ts';
import { TEXT_TARGETS } from './text-targets.ts';
import { TORN_FILE_TARGETS } from './torn-file-targets.ts';
import { WIRE_TARGETS } from './wire-targets.ts';

/** Everything that reads what somebody else wrote. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...WIRE_TARGETS,
  ...OBJECT_TARGETS,
  ...TEXT_TARGETS,
  ...FRAME_TARGETS,
  ...PEER_TARGETS,
  ...NETWORK_TARGETS,
  ...MEETING_TARGETS,
  ...ROUTER_TARGETS,
  ...FILE_TARGETS,
  ...DISK_TARGETS,
  ...TORN_FILE_TARGETS,
];
