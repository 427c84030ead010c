import { posix } from 'node:path'
import { MAX_LINES, PACKAGE_RULES, type PackageName, type PackageRules, PROCESS_READERS } from './rules.ts'
import { scanSource } from './source-scan.ts'

const OURS = '@ankang/'

function isPackage(name: string): name is PackageName {
  return name in PACKAGE_RULES
}

/** The package of a specifier: `@scope/name/deep` → `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

const isUnder = (place: string, folders: readonly string[]): boolean => folders.some(folder => place.startsWith(folder))

/** Why `specifier` may not be imported at `place` (a path under src/), or null when it may. */
function importFault(rules: PackageRules, name: PackageName, place: string, specifier: string): string | null {
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(place), specifier))
    return target.startsWith('..') ? 'reaches out of its package; import the package by name' : null
  }
  if (specifier.startsWith('node:')) {
    if (isUnder(place, rules.pure)) return 'is I/O in a pure folder; put it behind a port'
    if (rules.node === null || isUnder(place, rules.node[specifier] ?? [])) return null
    return `may not be imported by ${name} here`
  }
  if (specifier.startsWith(OURS)) {
    const target = packageOf(specifier).slice(OURS.length)
    return isPackage(target) && rules.ours.includes(target) ? null : `may not be imported by ${name}`
  }
  const folders = rules.foreign[packageOf(specifier)]
  if (folders === undefined) return `is not among the packages ${name} may use`
  return isUnder(place, folders) ? null : `belongs in ${folders.map(folder => `src/${folder}`).join(', ')}`
}

/**
 * What is wrong with one file, each fault as a line that begins with its path. `path` is relative to the repository,
 * with forward slashes.
 */
export function checkSource(path: string, source: string): readonly string[] {
  const { imports, lines, readsProcess } = scanSource(source)
  const faults = lines > MAX_LINES ? [`${lines} lines; ${MAX_LINES} are the most`] : []
  const [name = '', folder, ...rest] = path.split('/')
  if (!isPackage(name) || folder !== 'src') return faults.map(fault => `${path}: ${fault}`)
  if (readsProcess && !PROCESS_READERS.includes(path))
    faults.push('reads process.env or process.argv; only main.ts does, and hands on what it read')
  for (const specifier of imports) {
    const fault = importFault(PACKAGE_RULES[name], name, rest.join('/'), specifier)
    if (fault !== null) faults.push(`'${specifier}' ${fault}`)
  }
  return faults.map(fault => `${path}: ${fault}`)
}
