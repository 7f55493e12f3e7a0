import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { UserError } from '../../../stack/lib/errors';

/** Where distributions, macOS and Windows keep a browser that playwright can drive. */
const known = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env.PROGRAMFILES ?? 'C:/Program Files', 'Google/Chrome/Application/chrome.exe'),
];

/** Flags that let Chromium run as root, in a container, and without asking the internet for anything. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Path of a Chromium or Chrome: CHROMIUM_PATH, else a known place. Where there is none, root on Debian installs one.
 * @throws UserError that says what to install.
 */
export function findChromium(): string {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (!existsSync(given)) {
      throw new UserError(`CHROMIUM_PATH is ${given}, and there is no such file`);
    }
    return given;
  }
  const find = () => known.find((path) => existsSync(path));
  const found = find();
  if (found) {
    return found;
  }
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('── installing Chromium with apt-get');
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: 'inherit' });
  }
  const installed = find();
  if (!installed) {
    throw new UserError('The browser tests need Chromium or Chrome: install one, or set CHROMIUM_PATH to its program');
  }
  return installed;
}
