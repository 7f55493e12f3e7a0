import { cacheKey, lokiRecipe, prometheusRecipe, victoriaMetricsRecipe } from './recipes';

const allRecipes = () => Promise.all([lokiRecipe(), prometheusRecipe(), victoriaMetricsRecipe()]);

describe('cacheKey', () => {
  const base = { version: '3.7.6', sources: ['mod', 'sum'], platform: 'linux', arch: 'x64' };

  it('names version, sources, system and processor', () => {
    expect(cacheKey(base)).toMatch(/^3\.7\.6-[0-9a-f]{12}-linux-x64$/);
  });

  it.each([
    ['another source', { sources: ['mod', 'sum2'] }],
    ['the same text cut elsewhere', { sources: ['mods', 'um'] }],
    ['another version', { version: '3.7.7' }],
    ['another system', { platform: 'darwin' }],
    ['another processor', { arch: 'arm64' }],
  ])('changes with %s', (_, change) => {
    expect(cacheKey({ ...base, ...change })).not.toBe(cacheKey(base));
  });
});

describe('recipes', () => {
  it('stamp the pinned version into the binary', async () => {
    for (const recipe of await allRecipes()) {
      expect(recipe.buildArguments.join(' ')).toMatch(new RegExp(`ersion=(victoria-metrics-v)?${recipe.version} `));
      expect(recipe.cacheKey.startsWith(`${recipe.version}-`)).toBe(true);
    }
  });

  it('accept the version that they build', async () => {
    for (const recipe of await allRecipes()) {
      const [major = 0, minor = 0, patch = 0] = recipe.version.split('.').map(Number);
      expect(recipe.accepts({ major, minor, patch })).toBe(true);
      expect(recipe.accepts({ major: major - 1, minor, patch })).toBe(false);
    }
  });
});
