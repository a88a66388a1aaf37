'use server'

import { action } from '@/lib/action'
import { deletePipeline } from '@/lib/pipelines/delete'
import { savePipeline } from '@/lib/pipelines/save'

export const savePipelineAction = action(savePipeline)
export const deletePipelineAction = action(deletePipeline)
