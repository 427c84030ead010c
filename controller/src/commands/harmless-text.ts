/** What somebody typed long ago must not command the terminal it is shown on. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
}
