import { defineConfig, devices } from '@playwright/test'
import { findChromium } from './server/cli/chromium.ts'

const executablePath = findChromium()

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'dist/e2e',
  globalSetup: './e2e/support/global-setup.ts',
  // A journey waits more than it works, and each file has a factory of its own.
  workers: 2,
  // Long enough for a machine that does other work too: a journey that waits is late, not wrong.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: true,
  use: {
    ...devices['Desktop Chrome'],
    // A thing that is not there fails its step by name, instead of the whole test by its time.
    actionTimeout: 30_000,
    // The portal's own authority is not in the browser's list; its pages are the same in any other way.
    ignoreHTTPSErrors: true,
    // Pictures of every frame would take a core from what is tested; the traces keep the pages themselves.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    },
  },
  projects: [
    { name: 'first run', testMatch: 'first-run.spec.ts' },
    {
      name: 'journeys',
      testIgnore: 'first-run.spec.ts',
      dependencies: ['first run'],
      // Set in the workers, by e2e/support/global-setup.ts.
      use: process.env['E2E_FOLDER'] ? { storageState: `${process.env['E2E_FOLDER']}/owner.json` } : {},
    },
  ],
})
