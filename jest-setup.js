// Jest setup provided by Grafana scaffolding
require('./.config/jest-setup');

// What is looked for in the page may take its time on a busy machine.
require('@testing-library/react').configure({ asyncUtilTimeout: 120_000 });
