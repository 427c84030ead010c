import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
const DOCUMENTS = [
  ...readdirSync(ROOT).filter(name => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { encoding: 'utf8', recursive: true })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
]

/** As a viewer makes them of headings: small letters, hyphens for spaces, no other signs. */
function anchorsOf(text: string): readonly string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replace(/ /g, '-'),
  )
}

/** What is wrong with a link of that document, null where nothing is. */
function faultOf(document: string, target: string): string | null {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? join(ROOT, document) : resolve(ROOT, dirname(document), path)
  if (!existsSync(file)) return `${target}: there is no such file`
  if (anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor)) return null
  return `${target}: there is no such heading`
}

it.each(DOCUMENTS)('%s links to what is there', document => {
  const text = readFileSync(join(ROOT, document), 'utf8')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  const faults = targets.filter(target => !/^https?:/.test(target)).map(target => faultOf(document, target))
  expect(faults.filter(fault => fault !== null)).toEqual([])
})
