/** Playwright's own loader knows neither "server-only" nor where its JSON report goes; both travel in the environment. */
export function useJourneyEnvironment(): void {
  process.env['NODE_OPTIONS'] =
    `${process.env['NODE_OPTIONS'] ?? ''} --import ./server/cli/typescript.mjs`.trim()
  process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] = 'dist/reports/playwright.json'
}
