import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { BANNED_IN_DEVICE_BUNDLE } from './rules.ts'

const ENTRIES = {
  'ankang-device': 'device/src/main.ts',
  'decode-worker': 'device/src/adapters/zxing/decode-worker.ts',
}

/** Native modules and what finds its own files stay files beside the bundle. */
const EXTERNAL = ['better-sqlite3', 'serialport', 'sharp', '*.wasm']

/** CommonJS inside the bundle still asks for Node's modules by `require`. */
const BANNER = `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`

export interface DeviceBundle {
  /** Bytes of each output, by its name without extension. */
  readonly bytes: Readonly<Record<keyof typeof ENTRIES, number>>
  /** Every module that went in, as a path relative to the repository. */
  readonly modules: readonly string[]
}

/** An output and what it loads at once; what it only loads when it is needed has a file of its own. */
function sizeOf(metafile: Metafile, name: string): number {
  const entry = Object.keys(metafile.outputs).find(path => path.endsWith(`${name}.mjs`))
  const loaded = new Set<string>(entry === undefined ? [] : [entry])
  for (const path of loaded) {
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && next in metafile.outputs) loaded.add(next)
  }
  return [...loaded].reduce((sum, path) => sum + (metafile.outputs[path]?.bytes ?? 0), 0)
}

/** Bundles the program of a box from source. `outFolder` null: only measured, nothing is written. */
export async function bundleDevice(root: string, outFolder: string | null): Promise<DeviceBundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: outFolder ?? join(root, 'device/dist/bundle'),
    outExtension: { '.js': '.mjs' },
    write: outFolder !== null,
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['source'],
    external: EXTERNAL,
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'error',
  })
  return {
    bytes: { 'ankang-device': sizeOf(metafile, 'ankang-device'), 'decode-worker': sizeOf(metafile, 'decode-worker') },
    modules: Object.keys(metafile.inputs),
  }
}

/** What is wrong with a bundle, a line each. */
export function checkBundle({ bytes, modules }: DeviceBundle, budgetBytes: number): readonly string[] {
  const banned = modules.filter(path =>
    BANNED_IN_DEVICE_BUNDLE.some(ban => path.startsWith(ban) || path.includes(`/${ban}`)),
  )
  const faults = banned.map(path => `device bundle: ${path} has no place on a box`)
  const size = bytes['ankang-device']
  if (size === 0) faults.push('device bundle: the entry is empty')
  if (size > budgetBytes)
    faults.push(
      `device bundle: the entry has ${size} bytes; its budget is ${budgetBytes} (scripts/boundaries/rules.ts)`,
    )
  return faults
}
