'use server'

import { action } from '@/lib/action'
import { createEnrolmentLink } from '@/lib/enrolment-links/create'
import { revokeEnrolmentLink } from '@/lib/enrolment-links/revoke'

export const createEnrolmentLinkAction = action(createEnrolmentLink)
export const revokeEnrolmentLinkAction = action(revokeEnrolmentLink)
