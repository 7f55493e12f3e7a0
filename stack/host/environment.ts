import { JSDOM } from 'jsdom';

/** What Grafana's index page hands to its front end; @grafana/runtime builds its `config` from it when it is loaded. */
export interface BootData {
  timezone: string;
  orgId: number;
  grafanaVersion: string;
}

/**
 * Gives this process the browser's globals that Node lacks, which @grafana/data and @grafana/runtime read while they are
 * loaded, and Grafana's boot data. Globals that Node has stay as they are: jsdom's AbortSignal, for one, does not work
 * with Node's fetch. Has to run before those packages are loaded; a second call changes nothing.
 */
export function installBrowserGlobals(boot: BootData): void {
  if ('window' in globalThis) {
    return;
  }
  const { window } = new JSDOM('<!doctype html><html lang="en"><body></body></html>', {
    url: 'http://localhost:3000/',
    pretendToBeVisual: true,
  });
  Object.assign(window, { grafanaBootData: bootDataOf(boot) });
  for (const name of Object.getOwnPropertyNames(window)) {
    if (!(name in globalThis)) {
      const value: unknown = Reflect.get(window, name);
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
    }
  }
}

function bootDataOf({ timezone, orgId, grafanaVersion }: BootData) {
  return {
    settings: {
      featureToggles: {},
      datasources: {},
      panels: {},
      apps: {},
      buildInfo: { version: grafanaVersion, commit: '', env: 'production', edition: 'Open Source' },
    },
    user: {
      id: 1,
      login: 'admin',
      orgId,
      orgRole: 'Admin',
      isSignedIn: true,
      timezone,
      weekStart: '',
      locale: 'en-US',
    },
    navTree: [],
  };
}
