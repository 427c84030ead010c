import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
/** Of this repository; what lies in a home folder is written as HOME/…. */
const OURS = /^(?:protocol|device|controller|simulators|scripts|docs)\/[\w./{},-]*$/

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** `a/{b,c}.ts` → `a/b.ts`, `a/c.ts`. */
function spelledOut(path: string): readonly string[] {
  const [, before, choices, after] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? []
  if (before === undefined || choices === undefined || after === undefined) return [path]
  return choices.split(',').flatMap(choice => spelledOut(`${before}${choice}${after}`))
}

/** Paths in backticks, outside of indented code. */
function pathsIn(text: string): readonly string[] {
  const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside = '']) => inside)
  return quoted.filter(inside => OURS.test(inside)).flatMap(spelledOut)
}

function testFilesAt(path: string): readonly string[] {
  if (!existsSync(join(ROOT, path))) return []
  if (!statSync(join(ROOT, path)).isDirectory()) return path.endsWith('.test.ts') ? [path] : []
  return readdirSync(join(ROOT, path), { encoding: 'utf8', recursive: true })
    .filter(name => name.endsWith('.test.ts'))
    .map(name => join(path, name))
}

/** Whether vitest finds a test in it, those that want a program of the system included. */
const holdsTest = (path: string): boolean => /\b(?:it|test)(?:\.each)?\(/.test(read(path))

/** Rows of the table under `heading`, without its head. */
function tableUnder(text: string, heading: string): readonly (readonly string[])[] {
  const [, section = ''] = text.split(`## ${heading}`)
  const rows =
    section
      .split('\n## ')[0]
      ?.split('\n')
      .filter(line => line.startsWith('| ')) ?? []
  return rows.slice(1).map(row => row.split(' | ').map(cell => cell.replace(/^\| | \|$/g, '')))
}

describe.each(['docs/security.md', 'docs/architecture.md'])('%s', file => {
  it('names no file or folder that is not there', () => {
    const paths = pathsIn(read(file))
    expect(paths.length).toBeGreaterThan(15)
    expect(paths.filter(path => !existsSync(join(ROOT, path)))).toEqual([])
  })
})

describe.each([
  ['docs/security.md', 'GB/T 22239-2019, level 3', 30],
  ['docs/architecture.md', 'Promises, and the tests that try to break them', 8],
] as const)('the table of %s', (file, heading, least) => {
  const rows = tableUnder(read(file), heading)

  it('has rows', () => {
    expect(rows.length).toBeGreaterThanOrEqual(least)
  })

  it.each(rows.map(row => [row[0] ?? '', row.at(-1) ?? '']))(
    'names tests for %s, or says that there is none',
    (_, cell) => {
      const paths = pathsIn(cell)
      if (paths.length === 0) expect(cell).toMatch(/^none|^`npm run /)
      for (const path of paths) {
        const tests = testFilesAt(path)
        expect(tests, path).not.toEqual([])
        expect(
          tests.filter(test => !holdsTest(test)),
          path,
        ).toEqual([])
      }
    },
  )
})
