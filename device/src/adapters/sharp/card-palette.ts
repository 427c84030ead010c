import type { SignalColour } from '@ankang/protocol'

/** Paints of one card. Texts stand on their ground with a contrast of 4.5:1 or more; a test counts it. */
export interface CardPaint {
  readonly ground: string
  readonly text: string
  /** The strip with the hint. */
  readonly strip: string
  readonly stripText: string
}

export const CARD_PAINTS: Readonly<Record<SignalColour | 'idle', CardPaint>> = {
  green: { ground: '#08743a', text: '#ffffff', strip: '#055229', stripText: '#ffffff' },
  // White on yellow is 1.6:1, so everything on it is black.
  yellow: { ground: '#ffc400', text: '#1a1400', strip: '#1a1400', stripText: '#ffe28a' },
  red: { ground: '#b3201c', text: '#ffffff', strip: '#7d120f', stripText: '#ffffff' },
  blue: { ground: '#0b55a5', text: '#ffffff', strip: '#083d78', stripText: '#ffffff' },
  grey: { ground: '#46515c', text: '#ffffff', strip: '#2e363e', stripText: '#ffffff' },
  idle: { ground: '#0d3440', text: '#ffffff', strip: '#092630', stripText: '#cfeaf0' },
}
