import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseJson, UsageError } from '@ankang/protocol'

/** The JSON in a file named on the command line. Throws `file-unreadable`, `file-not-json`. */
export function readJsonFile(path: string, cwd: string): unknown {
  return parseJson(readTextFile(path, cwd), { code: 'file-not-json', source: path })
}

/** The text of a file. Throws `file-unreadable`. */
export function readTextFile(path: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw new UsageError('file-unreadable', `${path}: expected a readable file`, { cause: error })
  }
}
