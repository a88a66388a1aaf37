import 'server-only'
import { database } from '@/lib/db/client'
import { isSetUp } from '@/lib/setup/setup-code'

/** Whether the portal has its first owner; asked before anybody can sign in. */
export async function isPortalSetUp(): Promise<boolean> {
  return await isSetUp(database())
}
