import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.HELIX_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // An inlined asset is a data: address, which the Content-Security-Policy of the server refuses.
    assetsInlineLimit: 0,
    // Plotly, which only the pages with charts load.
    chunkSizeWarningLimit: 1500,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: server },
      '/ws': { target: server, ws: true },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
  },
})
