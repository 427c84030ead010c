/** What the virtual hall doors ask for: green, a proof of this minute, and a status list of the last three days. */
export const HALL_POLICY = {
  scene: 'hall-door',
  families: ['ak1'],
  kinds: ['person', 'companion'],
  colours: ['green'],
  paper: true,
  proofWindowSeconds: 60,
  futureSkewSeconds: 20,
  maxStatusAgeSeconds: 259_200,
  maxStampAgeSeconds: 86_400,
  replaySeconds: 300,
  facts: null,
  openSeconds: 3,
  outcomes: { 'colour-yellow': 'refer' },
} as const
