/*
 * npm run describe
 *
 * Writes the documents that are made from the code; scripts/test/describe fails while one of them is out of date.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DOCUMENTS } from './describe/documents.ts'

const root = resolve(import.meta.dirname, '..')

for (const { path, make } of DOCUMENTS) {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, make(root))
  console.log(path)
}
