import { join } from 'node:path'

/** The portal that e2e/support/global-setup.ts started. */
export type PortalUnderTest = {
  url: string
  /** Makes the first owner; once, in first-run.spec.ts. */
  setupCode: string
  databaseUrl: string
  /** For node agents, stores and whatever a journey keeps; removed in the end. */
  folder: string
  logFile: string
}

/** Made in first-run.spec.ts, signed in for all other journeys. */
export const owner = { name: 'Ada Owner', email: 'ada@example.com', password: 'a canary sings at noon' }

export function portalUnderTest(): PortalUnderTest {
  const folder = read('E2E_FOLDER')
  return {
    url: read('E2E_URL'),
    setupCode: read('E2E_SETUP_CODE'),
    databaseUrl: read('E2E_DATABASE_URL'),
    folder,
    logFile: join(folder, 'portal.log'),
  }
}

/** Where the owner's signed-in browser state is kept between journeys. */
export function ownerState(): string {
  return join(portalUnderTest().folder, 'owner.json')
}

function read(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run the journeys by "npm run e2e"`)
  return value
}
