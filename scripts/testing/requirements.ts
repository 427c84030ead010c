/*
 * Tests that need something `npm ci` does not bring: a system package, a privilege, or the published vector sets.
 *
 *   const chromium = requirement('chromium')
 *   chromium.it('the page fits a phone', async () => { … chromium.value is the program's path … })
 *
 * Missing: the test is skipped and listed by name at the end of the run; with ANKANG_REQUIRE=all it fails.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { EnvironmentError } from '@ankang/protocol'
import { it, type TestContext } from 'vitest'

export type RequirementName =
  | 'chromium'
  | 'ffmpeg'
  | 'socat'
  | 'mosquitto'
  | 'mosquitto-clients'
  | 'strace'
  | 'vectors'
  | 'tmpfs'
  | 'python3'

/** What a skipped test carries for the reporter. */
export interface MissingRequirement {
  readonly name: RequirementName
  readonly why: string
  /** The line to type so that the test runs. */
  readonly install: string
}

declare module 'vitest' {
  interface TaskMeta {
    missingRequirement?: MissingRequirement
  }
}

export type RequirementTest = (
  title: string,
  run: (context: TestContext) => void | Promise<void>,
  timeoutMs?: number,
) => void

export interface Requirement {
  readonly available: boolean
  /** Path of the program (mosquitto-clients: of mosquitto_pub; tmpfs: of mount) or of the vector folder; '' when missing. */
  readonly value: string
  readonly it: RequirementTest
}

type Probe = { readonly value: string } | { readonly why: string }

interface Declaration {
  readonly install: string
  /** Whether ANKANG_REQUIRE=all turns its absence into a failure. */
  readonly failsWhenRequired: boolean
  readonly probe: () => Probe
}

const INSTALL_ALL = 'sudo scripts/install-test-services.sh'

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // an answer, not a fault: the probe says why
  }
}

function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(isExecutable)
}

function programs(...alternatives: readonly string[]): Probe {
  const found = alternatives.map(findProgram).find(path => path !== undefined)
  return found === undefined ? { why: `${alternatives.join(' or ')} is not on the PATH` } : { value: found }
}

function tries(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 10_000 })
    return true
  } catch {
    return false // an answer, not a fault: the probe says why
  }
}

function probeStrace(): Probe {
  const found = programs('strace')
  if ('why' in found) return found
  const works = tries(found.value, ['-qq', '-o', '/dev/null', '-e', 'trace=none', 'true'])
  return works ? found : { why: 'strace is there but may not trace (ptrace is not permitted here)' }
}

function probeTmpfs(): Probe {
  const mount = programs('mount')
  if ('why' in mount) return mount
  if (process.getuid?.() !== 0) return { why: 'mounting a tmpfs needs root' }
  const folder = mkdtempSync(join(tmpdir(), 'ankang-tmpfs-'))
  try {
    if (!tries(mount.value, ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]))
      return { why: 'mount is not permitted here, even as root' }
    tries('umount', [folder])
    return mount
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function probeVectors(): Probe {
  const folder = process.env['ANKANG_VECTORS'] ?? ''
  if (folder === '') return { why: 'ANKANG_VECTORS is not set' }
  const path = resolve(folder)
  return statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? { value: path }
    : { why: `ANKANG_VECTORS names no folder: ${folder}` }
}

function program(install: string, probe: () => Probe): Declaration {
  return { install: `${INSTALL_ALL}    (or: ${install})`, failsWhenRequired: true, probe }
}

const DECLARATIONS: Readonly<Record<RequirementName, Declaration>> = {
  chromium: program('apt-get install chromium', () => programs('chromium', 'chromium-browser', 'google-chrome')),
  ffmpeg: program('apt-get install ffmpeg', () => programs('ffmpeg')),
  socat: program('apt-get install socat', () => programs('socat')),
  mosquitto: program('apt-get install mosquitto mosquitto-clients', () => programs('mosquitto')),
  'mosquitto-clients': program('apt-get install mosquitto-clients', () => programs('mosquitto_pub')),
  strace: program('apt-get install strace', probeStrace),
  python3: program('apt-get install python3', () => programs('python3')),
  tmpfs: { install: 'run the tests as root, where mounts are allowed', failsWhenRequired: true, probe: probeTmpfs },
  vectors: {
    install: 'ANKANG_VECTORS=<folder with zxing/, wycheproof/, cose/, dgc/, status-list/> npm test',
    failsWhenRequired: false,
    probe: probeVectors,
  },
}

const requirements = new Map<RequirementName, Requirement>()

function skipping(missing: MissingRequirement): RequirementTest {
  return (title, run) => it.skip(title, { meta: { missingRequirement: missing } }, run)
}

function failing({ name, why, install }: MissingRequirement): RequirementTest {
  return title =>
    it(title, () => {
      throw new EnvironmentError(
        'requirement-missing',
        `this test needs ${name} and ANKANG_REQUIRE=all is set, but ${why}; do: ${install}`,
        { retryable: false },
      )
    })
}

function running(title: string, run: (context: TestContext) => void | Promise<void>, timeoutMs?: number): void {
  it(title, timeoutMs === undefined ? {} : { timeout: timeoutMs }, run)
}

function make(name: RequirementName): Requirement {
  const { probe, install, failsWhenRequired } = DECLARATIONS[name]
  const found = probe()
  if ('value' in found) return { available: true, value: found.value, it: running }
  const missing = { name, why: found.why, install }
  const mustFail = failsWhenRequired && process.env['ANKANG_REQUIRE'] === 'all'
  return { available: false, value: '', it: mustFail ? failing(missing) : skipping(missing) }
}

/** Something outside the installation that a test needs; looked for once a test file. */
export function requirement(name: RequirementName): Requirement {
  const known = requirements.get(name) ?? make(name)
  requirements.set(name, known)
  return known
}
