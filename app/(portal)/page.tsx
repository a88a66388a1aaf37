import { redirect } from 'next/navigation'
import { requireContext } from '@/lib/auth/session'
import { paths } from '@/lib/paths'

export default async function HomePage() {
  await requireContext()
  redirect(paths.factories())
}
