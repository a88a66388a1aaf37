'use server'

import { action } from '@/lib/action'
import { cancelInteractive } from '@/lib/interactive/cancel'
import { requestBrowse } from '@/lib/interactive/request-browse'
import { requestConnectionTest } from '@/lib/interactive/request-connection-test'
import { requestDescribe } from '@/lib/interactive/request-describe'
import { requestPreview } from '@/lib/interactive/request-preview'

export const requestConnectionTestAction = action(requestConnectionTest)
export const requestBrowseAction = action(requestBrowse)
export const requestDescribeAction = action(requestDescribe)
export const requestPreviewAction = action(requestPreview)
export const cancelInteractiveAction = action(cancelInteractive)
