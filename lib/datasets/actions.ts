'use server'

import { action } from '@/lib/action'
import { deleteDataset } from '@/lib/datasets/delete'
import { saveDataset } from '@/lib/datasets/save'

export const saveDatasetAction = action(saveDataset)
export const deleteDatasetAction = action(deleteDataset)
