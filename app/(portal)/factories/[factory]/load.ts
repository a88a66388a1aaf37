import { cache } from 'react'
import { getFactoryByName } from '@/lib/factories/queries'

/** The factory of an address; the layout of its pages and each of them share one read. */
export const loadFactory = cache(getFactoryByName)
