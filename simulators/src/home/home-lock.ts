import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { UsageError } from '@ankang/protocol'
import type { HomePaths } from './home-paths.ts'

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too; only "no such process" is not.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function tryCreate(path: string): boolean {
  try {
    const file = openSync(path, 'wx')
    writeSync(file, `${process.pid}\n`)
    closeSync(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes a home for this process alone: two runs would share the devices' journals. A lock whose process is gone is
 * taken over. Returns the release. Throws `home-in-use`.
 */
export function lockHome({ root, lock }: HomePaths): () => void {
  mkdirSync(root, { recursive: true })
  if (!tryCreate(lock)) {
    const holder = Number(readFileSync(lock, 'utf8'))
    if (holder > 0 && isAlive(holder)) {
      throw new UsageError(
        'home-in-use',
        `${root} 正被另一进程使用(进程 ${holder}) · is in use by process ${holder}; stop it, or choose another folder with --home`,
        { details: { processId: holder } },
      )
    }
    rmSync(lock, { force: true })
    if (!tryCreate(lock))
      throw new UsageError('home-in-use', `${root} was taken by another process this moment; try again`)
  }
  return () => rmSync(lock, { force: true })
}
