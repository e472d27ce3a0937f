import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  activeDevices,
  isActiveMember,
  members,
  membersByEvents,
  membersView,
} from '../../../src/projections/members.ts';
import { project } from '../../../src/projections/projection.ts';
import {
  account,
  device,
  expectedRecording,
  interaction,
  recordedInteractions,
} from '../../support/events/interactions.ts';

const created = interaction({ id: 0, event: { kind: 'conversation-created', mode: 'invites-only' } });
const added = interaction({ id: 1, event: { kind: 'member-added', uri: account(2) } });
const joined = interaction({ id: 2, by: 2, event: { kind: 'member-joined', uri: account(2) } });
const banned = interaction({ id: 3, event: { kind: 'member-banned', uri: account(2) } });
const unbanned = interaction({ id: 4, event: { kind: 'member-unbanned', uri: account(2) } });
const left = interaction({ id: 3, by: 2, event: { kind: 'member-left', uri: account(2) } });
const deviceBanned = interaction({ id: 3, event: { kind: 'member-banned', uri: device(2) } });
const deviceUnbanned = interaction({ id: 4, event: { kind: 'member-unbanned', uri: device(2) } });

describe('members', () => {
  it.each([
    ['makes the founder an admin', [created], { who: 1, role: 'admin' }],
    ['shows who was invited', [created, added], { who: 2, role: 'invited' }],
    ['shows who joined', [created, added, joined], { who: 2, role: 'member' }],
    ['shows who left', [created, added, joined, left], { who: 2, role: 'left' }],
    ['shows who is banned', [created, added, joined, banned], { who: 2, role: 'banned' }],
    [
      'makes an unbanned member a member at once',
      [created, added, joined, banned, unbanned],
      { who: 2, role: 'member' },
    ],
    ['makes an unbanned guest a guest again', [created, added, banned, unbanned], { who: 2, role: 'invited' }],
    [
      'takes a second ban for the first',
      [created, added, joined, banned, banned, unbanned],
      { who: 2, role: 'member' },
    ],
    ['keeps a ban beside which its target left', [created, added, joined, banned, left], { who: 2, role: 'banned' }],
    ['keeps a ban beside which its target joined', [created, added, banned, joined], { who: 2, role: 'banned' }],
    [
      'makes them what they became beside the ban when it is lifted',
      [created, added, banned, joined, unbanned],
      { who: 2, role: 'member' },
    ],
    ['knows nobody before the beginning', [], { who: 1, role: undefined }],
  ])('%s', (_, history, { who, role }) => {
    expect(project(members, history).members.get(account(who))?.role).toBe(role);
  });

  it('counts the other of a one-to-one conversation as invited from the start', () => {
    const oneToOne = interaction({
      id: 0,
      event: { kind: 'conversation-created', mode: 'one-to-one', invited: account(2) },
    });
    expect(membersView(project(members, [oneToOne]))).toEqual([
      { uri: account(1), role: 'admin', devices: [device(1)] },
      { uri: account(2), role: 'invited', devices: [] },
    ]);
  });

  it('does not pass what the events tell for the role that an engine shows', () => {
    const [first] = membersByEvents(project(members, [created]));
    expect(first).toEqual({ uri: account(1), roleByEvents: 'admin', devices: [device(1)] });
  });

  it('no longer counts the devices of who left or is banned, nor a banned device', () => {
    const devicesAfter = (history: Parameters<typeof project>[1]) => [...activeDevices(project(members, history))];
    expect(devicesAfter([created, added, joined])).toHaveLength(2);
    for (const end of [left, banned, deviceBanned]) {
      expect(devicesAfter([created, added, joined, end])).toEqual([{ account: account(1), device: device(1) }]);
    }
  });

  it('counts a device again whose ban was lifted', () => {
    const state = project(members, [created, added, joined, deviceBanned, deviceUnbanned]);
    expect(isActiveMember(state, account(2), device(2))).toBe(true);
    expect([...activeDevices(state)]).toHaveLength(2);
  });

  it('admits a device it has not seen, as long as its member takes part and it is not banned', () => {
    const state = project(members, [created, added, joined, deviceBanned]);
    expect(isActiveMember(state, account(2), device(7))).toBe(true);
    expect(isActiveMember(state, account(2), device(2))).toBe(false);
    expect(isActiveMember(state, account(3), device(3))).toBe(false);
  });

  it('agrees with the tree on the recorded conversation', () => {
    const { holders } = expectedRecording(
      z.object({ holders: z.object({ alice: z.object({ treeAtHead: z.array(z.string()) }) }) }),
    );
    const inTree = (folder: string) =>
      holders.alice.treeAtHead.flatMap((line) => new RegExp(`\t${folder}/(.*)[.]crt$`).exec(line)?.[1] ?? []);
    const state = project(members, recordedInteractions());
    const withRole = (role: string) => membersView(state).flatMap((one) => (one.role === role ? [one.uri] : []));
    expect(withRole('admin')).toEqual(inTree('admins'));
    expect(withRole('member')).toEqual(inTree('members'));
    expect(membersView(state)).toHaveLength(2);
    expect([...activeDevices(state)].map((active) => active.device as string).sort()).toEqual(inTree('devices').sort());
  });
});
