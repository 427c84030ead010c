import * as v from 'valibot'

/** Whether a text can be shown anywhere as it stands: nothing in it commands a terminal, or turns what follows it around. */
export function isPlainText(text: string): boolean {
  return !/[\p{Cc}\p{Bidi_Control}]/u.test(text)
}

/** Why, in the asker's words: it stands in the audit log for good. */
export const purposeSchema = v.pipe(
  v.string(),
  v.minLength(4),
  v.maxLength(200),
  v.regex(/^\S.*\S$/, 'expected no blank at its ends'),
  v.check(isPlainText, 'expected no control signs'),
)
