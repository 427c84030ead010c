import { describe, expect, it } from 'vitest'
import { judge, NOW, type World, world } from '../ak1-world.ts'

interface Evidence {
  readonly stamp?: readonly [colour: number, asOf: number]
  readonly status?: readonly [value: number, asOf: number]
  readonly change?: (shown: World) => void
}

/** The colour that a showing with this evidence is given, or 'revoked'. */
function colourOf({ stamp, status, change }: Evidence): string | null {
  const shown = world()
  shown.policy['colours'] = ['unknown', 'green', 'yellow', 'red']
  shown.claims = {
    ...shown.claims,
    stamp: stamp === undefined ? null : { colour: stamp[0], asOf: stamp[1] },
    status: status === undefined ? null : { list: 1, index: 5 },
  }
  if (status !== undefined) [shown.status, shown.statusAsOf] = status
  change?.(shown)
  const decision = judge(shown)
  return decision.reason === 'revoked' ? 'revoked' : decision.colour
}

const EARLIER = NOW - 200
const LATER = NOW - 100

describe('evidence of colour', () => {
  it('is unknown where there is none', () => {
    expect(colourOf({})).toBe('unknown')
  })

  it('is the stamp alone, or the list alone', () => {
    expect([1, 2, 3].map(colour => colourOf({ stamp: [colour, EARLIER] }))).toEqual(['green', 'yellow', 'red'])
    expect([0, 2, 3].map(value => colourOf({ status: [value, EARLIER] }))).toEqual(['green', 'red', 'yellow'])
  })

  it('is the newer of the two, better or worse', () => {
    expect(colourOf({ stamp: [1, LATER], status: [2, EARLIER] })).toBe('green')
    expect(colourOf({ stamp: [3, LATER], status: [0, EARLIER] })).toBe('red')
    expect(colourOf({ stamp: [1, EARLIER], status: [2, LATER] })).toBe('red')
    expect(colourOf({ stamp: [3, EARLIER], status: [0, LATER] })).toBe('green')
  })

  it('is the worse of two that are equally old', () => {
    expect(colourOf({ stamp: [1, LATER], status: [3, LATER] })).toBe('yellow')
    expect(colourOf({ stamp: [2, LATER], status: [2, LATER] })).toBe('red')
    expect(colourOf({ stamp: [3, LATER], status: [0, LATER] })).toBe('red')
    expect(colourOf({ stamp: [2, LATER], status: [0, LATER] })).toBe('yellow')
  })

  it('is revoked when the list says so, however new the stamp', () => {
    expect(colourOf({ stamp: [1, LATER], status: [1, EARLIER] })).toBe('revoked')
    expect(colourOf({ status: [1, EARLIER] })).toBe('revoked')
  })

  it('is no stamp of colour 0 or 4, and none from the future beyond the skew', () => {
    expect(colourOf({ stamp: [0, LATER] })).toBe('unknown')
    expect(colourOf({ stamp: [4, LATER] })).toBe('unknown')
    expect(colourOf({ stamp: [1, NOW + 20] })).toBe('green')
    expect(colourOf({ stamp: [1, NOW + 21] })).toBe('unknown')
  })

  it('is no stamp older than the policy allows', () => {
    const change = (shown: World) => {
      shown.policy['maxStampAgeSeconds'] = 60
    }
    expect(colourOf({ stamp: [1, NOW - 60], change })).toBe('green')
    expect(colourOf({ stamp: [1, NOW - 61], change })).toBe('unknown')
    expect(colourOf({ stamp: [1, NOW - 61], status: [3, EARLIER], change })).toBe('yellow')
  })

  it('is no stamp by a key that may not stamp, and no list that the key may not cite', () => {
    const mayNotStamp = (shown: World) => {
      shown.issuer = { ...shown.issuer, colour: false }
    }
    const mayNotCite = (shown: World) => {
      shown.issuer = { ...shown.issuer, statusLists: [2] }
    }
    expect(colourOf({ stamp: [1, LATER], change: mayNotStamp })).toBe('unknown')
    expect(colourOf({ stamp: [1, LATER], status: [3, EARLIER], change: mayNotStamp })).toBe('yellow')
    expect(colourOf({ status: [0, LATER], change: mayNotCite })).toBe('unknown')
    expect(colourOf({ status: [1, LATER], change: mayNotCite })).toBe('unknown')
  })

  it('is no list with the index outside it', () => {
    const beyond = (shown: World) => {
      shown.claims = { ...shown.claims, status: { list: 1, index: 8 } }
    }
    expect(colourOf({ status: [0, LATER], change: beyond })).toBe('unknown')
    expect(colourOf({ stamp: [2, EARLIER], status: [0, LATER], change: beyond })).toBe('yellow')
  })
})

describe('the age of the status list', () => {
  const stale = (change: (shown: World) => void) => {
    const shown = world()
    shown.policy['maxStatusAgeSeconds'] = 30
    change(shown)
    return judge(shown).reason
  }

  it('may be as old as the policy says, and not a second older', () => {
    expect(stale(() => undefined)).toBe('ok')
    expect(
      stale(shown => {
        shown.statusAsOf = NOW - 31
      }),
    ).toBe('status-stale')
  })

  it('counts a code without an index as one whose list is missing', () => {
    expect(
      stale(shown => {
        shown.claims = { ...shown.claims, status: null }
      }),
    ).toBe('status-stale')
  })
})
