/** What a source file says about itself as far as boundaries are concerned. */
export interface SourceScan {
  /** Module specifiers of static, dynamic and re-exporting imports, types included. */
  readonly imports: readonly string[]
  readonly lines: number
  /** Whether it reads the process's arguments or environment. */
  readonly readsProcess: boolean
}

const IMPORTS = [
  /(?:^|[\n;}])\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"\n]+)['"]/g,
  /\b(?:import|require)\s*\(\s*['"]([^'"\n]+)['"]/g,
  /\bimport\s+\w+\s*=\s*require\s*\(\s*['"]([^'"\n]+)['"]/g,
]

/** Comments out, so that an example in one is no import; `://` in a text is not taken for one. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1')
}

/** Scans the text of a TypeScript file, without compiling it. */
export function scanSource(source: string): SourceScan {
  const code = withoutComments(source)
  const imports = IMPORTS.flatMap(pattern => [...code.matchAll(pattern)].map(match => match[1] ?? ''))
  return {
    imports: [...new Set(imports)],
    lines: source.split('\n').length - (source.endsWith('\n') ? 1 : 0),
    readsProcess: /\bprocess\s*\.\s*(env|argv)\b|\bprocess\[['"](env|argv)['"]\]/.test(code),
  }
}
