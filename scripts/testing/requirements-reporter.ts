import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { MissingRequirement } from './requirements.ts'

/** What a run came to, for the list of what was not run and for the closing line. */
export interface RunTally {
  readonly passed: number
  /** Failed tests, files that failed without a failed test, and errors outside any test. */
  readonly failed: number
  readonly skipped: number
  readonly notRun: readonly { readonly title: string; readonly missing: MissingRequirement }[]
}

/** Lines that name every test that was not run, grouped by what it needs. Empty when all were run. */
export function describeNotRun(tally: RunTally): readonly string[] {
  const groups = new Map<string, { missing: MissingRequirement; titles: string[] }>()
  for (const { title, missing } of tally.notRun) {
    const group = groups.get(missing.name) ?? { missing, titles: [] }
    group.titles.push(title)
    groups.set(missing.name, group)
  }
  return [...groups.values()].flatMap(({ missing, titles }) => [
    '',
    `Not run, for want of ${missing.name} (${missing.why}):`,
    ...titles.map(title => `  - ${title}`),
    `  to run: ${missing.install}`,
  ])
}

/** `N passed, N failed`, and the skipped where there are any. */
export function closingLine({ passed, failed, skipped }: RunTally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function tally(modules: readonly TestModule[], unhandledErrors: number): RunTally {
  const tests = modules.flatMap((module): TestCase[] => [...module.children.allTests()])
  const count = (state: string): number => tests.filter(test => test.result().state === state).length
  const brokenModules = modules.filter(
    module => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
  )
  return {
    passed: count('passed'),
    failed: count('failed') + count('pending') + brokenModules.length + unhandledErrors,
    skipped: count('skipped'),
    notRun: tests.flatMap(test => {
      const missing = test.meta().missingRequirement
      return missing === undefined ? [] : [{ title: `${test.module.relativeModuleId}: ${test.fullName}`, missing }]
    }),
  }
}

/** Stands behind the default reporter: lists what was not run, and ends the output with the closing line. */
export default class RequirementsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const result = tally(modules, unhandledErrors.length)
    process.stdout.write(`${[...describeNotRun(result), '', closingLine(result)].join('\n')}\n`)
  }
}
