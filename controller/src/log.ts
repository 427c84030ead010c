/** What this program needs of a logger; pino's has this shape. Fields are for machines, the text for people; no person in either. */
export interface Log {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}
