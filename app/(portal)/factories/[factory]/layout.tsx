import type { ReactNode } from 'react'
import { portalPage } from '@/app/portal-page'
import { loadFactory } from './load'

type FactoryLayoutProps = { params: Promise<{ factory: string }>; children: ReactNode }

/** Without the factory there is nothing below it: `not-found.tsx` beside this speaks of a factory that exists. */
export default async function FactoryLayout({ params, children }: FactoryLayoutProps) {
  return portalPage(async (ctx) => {
    await loadFactory(ctx, (await params).factory)
    return children
  })
}
