/*
 * What ensure-installed decides, apart from doing it. Node's own modules only: it runs before anything is installed.
 */

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 * @typedef {{ lock: Lock, installed: Lock | null, runtime: string, installedRuntime: string | null }} InstallState
 */

const MODULES = 'node_modules/'

/** Whether `version` (like 20.19.0) is at least `minimum` (like >=20.19). */
export function isAtLeast(/** @type {string} */ version, /** @type {string} */ minimum) {
  const wanted = minimum.replace(/^[^\d]*/, '').split('.')
  const has = version.replace(/^v/, '').split('.')
  for (const [place, part] of wanted.entries()) {
    const difference = Number.parseInt(has[place] ?? '0', 10) - Number.parseInt(part, 10)
    if (difference !== 0) return difference > 0
  }
  return true
}

/**
 * Locked packages that are not installed in that version. Optional ones may be absent: they belong to other platforms.
 * @returns {string[]}
 */
export function missingPackages(/** @type {Lock} */ lock, /** @type {Lock} */ installed) {
  return Object.entries(lock.packages)
    .filter(([path, locked]) => {
      if (!path.includes(MODULES)) return false
      const there = installed.packages[path]
      if (there === undefined) return locked.optional !== true && locked.devOptional !== true
      return there.version !== locked.version || there.link !== locked.link
    })
    .map(([path]) => path.slice(path.lastIndexOf(MODULES) + MODULES.length))
}

/**
 * Why `npm ci` has to run, or null when what is installed is what is locked.
 * @returns {string | null}
 */
export function installReason(/** @type {InstallState} */ { lock, installed, runtime, installedRuntime }) {
  if (installed === null) return 'nothing is installed yet'
  const missing = missingPackages(lock, installed)
  if (missing.length > 0) return `package-lock.json asks for ${missing.slice(0, 3).join(', ')}`
  if (installedRuntime !== null && installedRuntime !== runtime)
    return `it was installed for ${installedRuntime}, this is ${runtime}`
  return null
}

/**
 * What must be there before native parts can be compiled, and is not; one line each, Chinese and English.
 * @returns {string[]}
 */
export function missingTools(/** @type {(command: string) => boolean} */ has) {
  const tools = [
    { commands: ['c++', 'g++', 'clang++'], zh: 'C++ 编译器', en: 'a C++ compiler', apt: 'g++' },
    { commands: ['make', 'gmake'], zh: 'make', en: 'make', apt: 'make' },
    { commands: ['python3', 'python'], zh: 'python3', en: 'python3', apt: 'python3' },
  ]
  return tools
    .filter(({ commands }) => !commands.some(has))
    .map(({ zh, en, apt }) => `缺少 ${zh} · ${en} is missing: sudo apt-get install ${apt}`)
}
