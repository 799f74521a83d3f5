/**
 * Which profile a container gets, and what its maker cannot get by naming one.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chooseProfile, requireChoice } from '../../src/hook/choose-profile.ts';
import { PROFILE_ANNOTATION } from '../../src/hook/profile-annotation.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-choose-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const dir = join(folder, 'profiles');
mkdirSync(join(dir, 'team'), { recursive: true });
const secret = join(folder, 'secret.json');
for (const path of ['web.json', 'team/db.json', 'open.json']) writeFileSync(join(dir, path), path);
writeFileSync(secret, 'secret');
chmodSync(join(dir, 'open.json'), 0o666);
symlinkSync(secret, join(dir, 'out.json'));
symlinkSync(join(dir, 'web.json'), join(dir, 'in.json'));
const web = join(dir, 'web.json');

const asks = (name: string | undefined): ReadonlyMap<string, string> =>
  new Map(name === undefined ? [['other', 'x']] : [[PROFILE_ANNOTATION, name]]);

describe('the profile of a container', () => {
  it.each([
    ['the one for all', { profile: web }, undefined, web],
    ['a built-in for all', { profile: 'docker-default' }, undefined, 'docker-default'],
    ['the one it names', { profilesDir: dir }, 'web.json', web],
    ['one in a folder', { profilesDir: dir, defaultProfile: web }, 'team/db.json', join(dir, 'team/db.json')],
    ['one behind a link that stays inside', { profilesDir: dir }, 'in.json', join(dir, 'in.json')],
    ['the default', { profilesDir: dir, defaultProfile: web }, undefined, web],
    ['the default without a choice', { defaultProfile: web }, undefined, web],
    // requireChoice refuses it; were it not asked, it would be a name, not the absence of a filter.
    ['the one for all, whatever it is called', { profile: 'none' }, undefined, 'none'],
    ['none, as configured', { profilesDir: dir, defaultProfile: 'none' }, undefined, undefined],
  ])('is %s', (_, options, asked, name) => {
    expect(chooseProfile(options, asks(asked))?.name).toBe(name);
  });

  it.each([
    [
      'none is named and there is no default',
      { profilesDir: dir },
      undefined,
      'the container names no profile',
    ],
    ['it may not choose', { profile: web }, 'web.json', 'containers may not choose here'],
    [
      'it may not choose, and the default is none',
      { defaultProfile: 'none' },
      'web.json',
      'containers may not choose here',
    ],
    ['the way up', { profilesDir: dir }, '../secret.json', 'a name that is not allowed'],
    ['the way up from inside', { profilesDir: dir }, 'team/../../secret.json', 'a name that is not allowed'],
    ['an absolute path', { profilesDir: dir }, secret, 'a name that is not allowed'],
    ['nothing', { profilesDir: dir }, '', 'a name that is not allowed'],
    ['the folder', { profilesDir: dir }, 'team', 'is not a regular file'],
    ['a name with a NUL', { profilesDir: dir }, 'web.json\0.x', 'a name that is not allowed'],
    ['a hidden file', { profilesDir: dir }, '.web.json', 'a name that is not allowed'],
    ['a name without end', { profilesDir: dir }, 'a'.repeat(5000), 'a name that is not allowed'],
    [
      'none, to get out of the default',
      { profilesDir: dir, defaultProfile: web },
      'none',
      'there is no such file',
    ],
    [
      'a built-in, which is not in the folder',
      { profilesDir: dir },
      'docker-default',
      'there is no such file',
    ],
    ['a link out of the folder', { profilesDir: dir }, 'out.json', 'a symbolic link out of'],
    ['a file that others can write', { profilesDir: dir }, 'open.json', 'others can write'],
  ])('is refused: %s', (_, options, asked, message) => {
    expect(() => chooseProfile(options, asks(asked))).toThrow(message);
  });

  it.each([
    ['nothing is named', {}, 'no profile is named'],
    ['one for all, and a choice', { profile: web, profilesDir: dir }, 'so a container has no choice'],
    ['one for all, and a default', { profile: web, defaultProfile: web }, 'so a container has no choice'],
    [
      'a relative path',
      { profile: 'web.json' },
      "--profile takes an absolute path or a built-in profile, not 'web.json'",
    ],
    ['none for all', { profile: 'none' }, '--profile takes'],
    ['a relative default', { defaultProfile: './web.json' }, '--default takes'],
    ['a relative folder', { profilesDir: 'profiles' }, '--profiles-dir takes an absolute path'],
  ])('cannot be chosen: %s', async (_, options, message) => {
    await expect(requireChoice(options)).rejects.toThrow(message);
  });

  it.each([
    [{ profile: web }],
    [{ profile: 'podman-default' }],
    [{ defaultProfile: 'none' }],
    [{ profilesDir: dir }],
  ])('can be chosen: %o', async (options) => {
    await requireChoice(options);
  });
});
