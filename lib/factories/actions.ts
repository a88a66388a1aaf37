'use server'

import { action } from '@/lib/action'
import { createFactory } from '@/lib/factories/create'
import { deleteFactory } from '@/lib/factories/delete'
import { updateFactory } from '@/lib/factories/update'

export const createFactoryAction = action(createFactory)
export const updateFactoryAction = action(updateFactory)
export const deleteFactoryAction = action(deleteFactory)
