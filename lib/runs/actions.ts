'use server'

import { action } from '@/lib/action'
import { cancelPipelineRun } from '@/lib/runs/cancel'
import { retryPipelineRun } from '@/lib/runs/retry'
import { startPipelineRun } from '@/lib/runs/start'

export const startPipelineRunAction = action(startPipelineRun)
export const cancelPipelineRunAction = action(cancelPipelineRun)
export const retryPipelineRunAction = action(retryPipelineRun)
