/** Runs a schedule: devices that write, links that break, devices that crash; in the end everything works again. */
import type { CommitId } from '../../src/ids.ts';
import { allOf } from '../support/events/linearized.ts';
import { perform } from './deeds.ts';
import { heal, occur } from './faults.ts';
import { idleMerges } from './idle-merges.ts';
import { profileMerges } from './profile-merges.ts';
import type { Replica } from './replica.ts';
import { BUSY_MS, type Schedule } from './schedule.ts';
import { headsOn, MOST_STEPS, setStage, takesPart } from './stage.ts';

export interface Simulation {
  /** Those of devices that take part in the end, as the first one has it; the others have lost touch. */
  readonly replicas: readonly Replica[];
  /** Commits that one of their disks held for good, whatever happened to the device afterwards. */
  readonly flushed: ReadonlySet<CommitId>;
  /** Somebody's ban was lifted, or it was tried. */
  readonly hasUnbans: boolean;
  /** What commits did that they must not: each a sentence. */
  readonly violations: readonly string[];
  /** The same for the same schedule, to the bit. */
  readonly trace: string;
  readonly figures: Figures;
}

export interface Figures {
  /** Different heads when everything worked again. */
  readonly headsThen: number;
  readonly merges: number;
  /** Those of the merges that came after everything worked again. */
  readonly mergesAfter: number;
  /** Those of the merges in the log that brought nothing new to the device that made them (`idleMerges`). */
  readonly idle: number;
  /** Those of the merges in the log whose two sides had both changed the profile. */
  readonly profileConflicts: number;
  /** Commits that are no merges. */
  readonly commits: number;
  readonly devices: number;
  /** Packs that were fetched, whatever became of them. */
  readonly pulls: number;
  /** From when everything worked again until nothing moved any more, in milliseconds. */
  readonly settling: number;
  readonly steps: number;
}

/** Of virtual time, for all to come to rest. */
const PATIENCE_MS = 3_600_000;

export async function simulate(schedule: Schedule): Promise<Simulation> {
  const stage = await setStage(schedule);
  const { agenda } = stage;
  for (const deed of schedule.deeds) agenda.after(deed.at, () => void perform(deed, stage));
  for (const fault of schedule.faults) agenda.after(fault.at, () => occur(fault, stage));
  const isBusyOver = await agenda.runUntil(agenda.clock.now() + BUSY_MS, MOST_STEPS);
  const mergesBefore = stage.merges.length;
  const headsThen = headsOn(stage);
  heal(stage);
  const healedAt = agenda.clock.now();
  const isOver = isBusyOver && (await agenda.runUntil(healedAt + PATIENCE_MS, MOST_STEPS));
  const settling = stage.lastGrowth() - healedAt;
  if (!isOver) stage.violations.push(`it is not over after ${agenda.steps()} steps`);
  const staying = stage.places.filter((place) => takesPart(place, stage));
  const replicas = staying.flatMap(({ replica }) => replica ?? []);
  const first = replicas[0]?.live();
  const history = allOf(first?.history());
  const profiles = first ? await profileMerges(first) : { broken: [], conflicts: 0 };
  const commits = history.filter(({ content }) => content.outcome !== 'merge').length;
  return {
    replicas,
    flushed: new Set(staying.flatMap(({ flushed }) => [...flushed])),
    hasUnbans: schedule.deeds.some(({ kind }) => kind === 'unban'),
    violations: [...stage.violations, ...profiles.broken],
    trace: stage.record.digest('hex'),
    figures: {
      ...{
        devices: schedule.devices,
        headsThen,
        commits,
        profileConflicts: profiles.conflicts,
        idle: idleMerges(history),
        merges: stage.merges.length,
        mergesAfter: stage.merges.length - mergesBefore,
      },
      ...{ pulls: stage.pulls(), settling: Math.max(0, settling), steps: agenda.steps() },
    },
  };
}
