import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@\//, replacement: root },
      // Outside Next the package throws; Next itself resolves it to the same empty module for the server.
      { find: /^server-only$/, replacement: `${root}node_modules/server-only/empty.js` },
    ],
  },
  test: {
    globalSetup: 'lib/db/test-server.ts',
    // Real databases, processes and files on a machine of two cores: slow is not wrong.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    // They wait for disks and processes more than they compute: one at a time would leave half of two cores idle.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'portal',
          include: ['{lib,server,drizzle,components,app,bench}/**/*.test.{ts,tsx}'],
          setupFiles: ['lib/test-setup.ts'],
        },
      },
      { extends: true, test: { name: 'agent', include: ['agent/**/*.test.ts'] } },
    ],
  },
})
