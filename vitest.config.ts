import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'module', 'node'], externalConditions: ['source', 'node'] } },
  test: {
    include: ['*/test/**/*.test.ts'],
    reporters: ['default', './scripts/testing/requirements-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
