'use server'

import { changePassword } from '@/lib/account/change-password'
import { revokeOtherSessions, revokeSession } from '@/lib/account/revoke-session'
import { updateProfile } from '@/lib/account/update-profile'
import { action } from '@/lib/action'

export const updateProfileAction = action(updateProfile)
export const changePasswordAction = action(changePassword)
export const revokeSessionAction = action(revokeSession)
export const revokeOtherSessionsAction = action(revokeOtherSessions)
