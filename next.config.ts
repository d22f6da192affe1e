import type { NextConfig } from 'next'

const config: NextConfig = {
  output: 'standalone',
  poweredByHeader: false,
  // `npm test` type-checks the whole tree once, so the build does not do it again.
  typescript: { ignoreBuildErrors: true },
  outputFileTracingExcludes: { '*': ['backend/**', 'bench/**', 'e2e/**', 'data/**', '.build/**'] },
}

export default config
