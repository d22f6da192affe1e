import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { keepScreenshot, launchBrowser, openContext } from './browser'
import { Person } from './person'
import { product } from './shared-product'

type Options = BrowserContextOptions & {
  /** Where the product is, when it is not the shared one; asked after the file's own set-up has begun. */
  url?: () => string
}

/**
 * People at their own computers for one spec file. After every test each of their pages must be clean; a failed test
 * leaves a screenshot of every screen.
 */
export function crew<Name extends string>(
  names: readonly Name[],
  options: Options = {},
): Record<Name, Person> {
  const people = {} as Record<Name, Person>
  let browser: Browser

  beforeAll(async () => {
    const { url, ...contextOptions } = options
    const baseURL = url?.() ?? product.url
    browser = await launchBrowser()
    for (const name of names) {
      people[name] = new Person(name, await openContext(browser, { baseURL, ...contextOptions }))
    }
  })

  afterEach(async ({ task }) => {
    const everybody = Object.values<Person>(people)
    const failed = task.result?.state === 'fail'
    const problems = everybody.flatMap((person) => person.takeProblems())
    if (failed || problems.length > 0) {
      for (const person of everybody)
        await keepScreenshot(person.page, `${task.file.name} ${task.name} ${person.name}`)
    }
    expect(problems).toEqual([])
  })

  afterAll(() => browser?.close())

  return people
}
