'use server'

import { action } from '@/lib/action'
import { regenerateAuthKey } from '@/lib/auth-keys/regenerate'
import { revealAuthKeys } from '@/lib/auth-keys/reveal'

export const regenerateAuthKeyAction = action(regenerateAuthKey)
export const revealAuthKeysAction = action(revealAuthKeys)
