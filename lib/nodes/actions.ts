'use server'

import { action } from '@/lib/action'
import { removeNode } from '@/lib/nodes/remove'
import { renameNode } from '@/lib/nodes/rename'
import { setNodeWish } from '@/lib/nodes/set-wish'

export const renameNodeAction = action(renameNode)
export const setNodeWishAction = action(setNodeWish)
export const removeNodeAction = action(removeNode)
