'use server'

import { action } from '@/lib/action'
import { deleteLinkedService } from '@/lib/linked-services/delete'
import { saveLinkedService } from '@/lib/linked-services/save'

export const saveLinkedServiceAction = action(saveLinkedService)
export const deleteLinkedServiceAction = action(deleteLinkedService)
