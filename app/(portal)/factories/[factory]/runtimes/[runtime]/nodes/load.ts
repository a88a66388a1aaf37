import { notFound } from 'next/navigation'
import { cache } from 'react'
import type { UserContext } from '@/lib/auth/session'
import { getNode } from '@/lib/nodes/queries'
import { getRuntimeByName } from '@/lib/runtimes/queries'

export type NodePageProps = { params: Promise<{ factory: string; runtime: string; node: string }> }

/** A node in the runtime that its address names; the page and its title share one read. */
export async function loadNode(ctx: UserContext, { params }: NodePageProps) {
  const address = await params
  const runtime = await runtimeOnce(ctx, address.factory, address.runtime)
  const node = await nodeOnce(ctx, address.node)
  if (node.runtimeId !== runtime.id) notFound()
  return { runtime, node }
}

const runtimeOnce = cache(getRuntimeByName)
const nodeOnce = cache(getNode)
