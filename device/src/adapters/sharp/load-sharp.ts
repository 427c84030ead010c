import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type sharp from 'sharp'

export type Sharp = typeof sharp

/** The one family every text is set in; its two weights below are all that is loaded. */
export const FONT_FAMILY = 'Noto Sans SC'

const FONT_PACKAGE = '@expo-google-fonts/noto-sans-sc'
const FONT_FILES = ['500Medium/NotoSansSC_500Medium.ttf', '700Bold/NotoSansSC_700Bold.ttf']

let loading: Promise<Sharp> | null = null

/**
 * The picture library, frugal and knowing our font and no other: a box has no Chinese font of its own, and a picture
 * must not depend on what a machine happens to have.
 */
export function loadSharp(): Promise<Sharp> {
  loading ??= load().catch(error => {
    loading = null // a full disk at the start must not leave the glass dark for ever
    throw error
  })
  return loading
}

/** Files of the fonts, as the package has them. */
export function fontFiles(): readonly string[] {
  const { resolve } = createRequire(import.meta.url)
  return FONT_FILES.map(file => resolve(`${FONT_PACKAGE}/${file}`))
}

async function load(): Promise<Sharp> {
  const folder = await mkdtemp(join(tmpdir(), `ankang-fonts-${process.pid}-`))
  const before = process.env['FONTCONFIG_FILE']
  try {
    process.env['FONTCONFIG_FILE'] = await writeFontConfig(folder)
    const { default: library } = await import('sharp')
    library.cache(false)
    library.concurrency(1)
    // Fontconfig reads its file at the first text and never again: draw one, then leave no trace for child processes.
    await library(
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">
      <text y="9" font-size="9" font-family="${FONT_FAMILY}" font-weight="500">安</text>
      <text y="9" font-size="9" font-family="${FONT_FAMILY}" font-weight="700">康</text></svg>`),
    )
      .raw()
      .toBuffer()
    return library
  } finally {
    if (before === undefined) delete process.env['FONTCONFIG_FILE']
    else process.env['FONTCONFIG_FILE'] = before
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeFontConfig(folder: string): Promise<string> {
  const cache = join(folder, 'cache')
  await mkdir(cache)
  const file = join(folder, 'fonts.conf')
  const folders = fontFiles().map(font => `<dir>${dirname(font)}</dir>`)
  await writeFile(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>${folders.join('')}<cachedir>${cache}</cachedir><config><rescan><int>0</int></rescan></config></fontconfig>
`,
  )
  return file
}
