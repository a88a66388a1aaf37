import { Agent, request } from 'undici'
import { portal } from '@/lib/portal'
import { median } from '../quantile'
import type { MeasuredPage } from './addresses'

/** From the request to the last byte of the page, as a browser asks that keeps its connection; the median. */
export async function serverTime(
  page: MeasuredPage,
  { origin, cookie, rounds }: { origin: string; cookie: string; rounds: number },
): Promise<number> {
  const dispatcher = new Agent({ connect: { ca: portal().caPem ?? '' } })
  const headers = { 'accept-encoding': 'gzip', ...(page.signedOut ? {} : { cookie }) }
  const times: number[] = []
  for (let round = 0; round < rounds + 2; round += 1) {
    const startedAt = performance.now()
    const { statusCode, body } = await request(`${origin}${page.path}`, { dispatcher, headers })
    await body.bytes()
    if (statusCode !== 200) throw new Error(`${page.path} answered ${statusCode}`)
    // The first two open the connection and warm what is compiled late.
    if (round >= 2) times.push(performance.now() - startedAt)
  }
  await dispatcher.close()
  return median(times)
}
