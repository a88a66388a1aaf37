'use server'

import { action } from '@/lib/action'
import { createPipelineWithDatasets } from '@/lib/pipelines/create-with-datasets'
import { deletePipeline } from '@/lib/pipelines/delete'
import { savePipeline } from '@/lib/pipelines/save'

export const createPipelineWithDatasetsAction = action(createPipelineWithDatasets)
export const savePipelineAction = action(savePipeline)
export const deletePipelineAction = action(deletePipeline)
