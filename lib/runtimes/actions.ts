'use server'

import { action } from '@/lib/action'
import { createRuntime } from '@/lib/runtimes/create'
import { deleteRuntime } from '@/lib/runtimes/delete'
import { updateRuntime } from '@/lib/runtimes/update'

export const createRuntimeAction = action(createRuntime)
export const updateRuntimeAction = action(updateRuntime)
export const deleteRuntimeAction = action(deleteRuntime)
