import axe from 'axe-core';

/**
 * What axe finds wrong with a piece of a page: rule and elements. What needs a layout or a whole page (contrast, landmarks)
 * is left to the tests in a browser.
 */
export async function axeProblems(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
