// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';

import { configure } from '@testing-library/react';

// What is looked for in the page may take its time on a busy machine.
configure({ asyncUtilTimeout: 120_000 });
