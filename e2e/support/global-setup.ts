import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPortalProcess } from '@/server/portal-process'

/** The built portal on an empty database, for all journeys; what they need to know of it travels in the environment. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-e2e-'))
  const settings = {
    SALLYPORT_DATA_DIR: join(folder, 'portal'),
    SALLYPORT_PORT: '0',
    SALLYPORT_LOG_LEVEL: 'debug',
  }
  const portal = await startPortalProcess(settings, join(folder, 'portal.log'))
  process.env['E2E_FOLDER'] = folder
  process.env['E2E_URL'] = portal.localUrl
  process.env['E2E_SETUP_CODE'] = portal.setupCode ?? ''
  process.env['E2E_DATABASE_URL'] = portal.databaseUrl
  return async () => {
    const code = await portal.stop()
    if (code !== 0) throw new Error(`The portal did not stop in order: exit code ${code}, log in ${folder}`)
    await rm(folder, { recursive: true, force: true })
  }
}
