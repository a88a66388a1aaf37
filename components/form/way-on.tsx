import Link from 'next/link'
import { paths } from '@/lib/paths'

/** Where to go on when a thing was deleted while its page or form was open. */
export function WayOn({ code }: { code: string }) {
  if (code !== 'not_found') return null
  return (
    <Link href={paths.factories()} className="font-medium text-accent-text underline underline-offset-2">
      Go to factories
    </Link>
  )
}
