import { BugError, describeError, EnvironmentError, UsageError } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'

describe('errors', () => {
  it('carry a code, a family, details and their cause', () => {
    const cause = new TypeError('low')
    const error = new UsageError('config-invalid', 'expected a port', { cause, details: { port: 0 } })
    expect(error).toMatchObject({
      name: 'UsageError',
      code: 'config-invalid',
      family: 'usage',
      cause,
      details: { port: 0 },
    })
    expect(new BugError('x', 'y')).toMatchObject({ family: 'bug', details: {} })
    expect(new EnvironmentError('x', 'y', { retryable: true })).toMatchObject({
      family: 'environment',
      retryable: true,
    })
  })

  it('have no cause where none is given', () => {
    expect('cause' in new BugError('x', 'y')).toBe(false)
  })

  it('are told in one line with their causes, whatever was thrown', () => {
    const inner = new BugError('inner', 'the valve is shut')
    const outer = new EnvironmentError('outer', 'no water', { retryable: true, cause: inner })
    expect(describeError(outer)).toBe('no water (because: the valve is shut)')
    expect(describeError('just text')).toBe('just text')
    expect(describeError(undefined)).toBe('undefined')
  })
})
