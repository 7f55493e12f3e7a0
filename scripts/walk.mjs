// node scripts/walk.mjs [limit]: how often does a newcomer go back to a room? Follows a `summary` from Grafana's `query` down, as
// somebody does who reads the code for the first time, prints the way, and fails when it returns more often than `limit`.
//
// The rule. The walk begins in `OscarDataSource.query`. A function is read from its first line to its last, and so is what it names in
// the same folder, be it a function, a method or a class that it creates. What it names in other folders is put off until nothing
// is left to read in this one; then the walk goes on in the highest layer of which something was put off, as ARCHITECTURE.md has them, and
// there in the folder that was named first. A member of an interface is that of the file in
// `chosen`. Each folder of src/ is a room, and each stay after the first one in a room is a return: something below has led back up. Types
// and constants are not followed, nor what a variable of a function type may hold, nor the folders of `basics`: nobody leaves a
// text to look up what the length of a span is.
import { basename, dirname, join, relative, sep } from 'node:path';

import ts from 'typescript';

import { layers } from './layers.mjs';
import { repositoryRoot } from './setup.mjs';

const first = { file: 'src/grafana/datasource.ts', name: 'query' };
/** Whose members those of an interface are, by its name. */
const chosen = {
  Session: 'src/core/session.ts',
  Report: 'src/core/reports/tableReport.ts',
  TableDefinition: 'src/core/reports/summary.ts',
  Upstreams: 'src/core/sources/upstreams.ts',
};
const basics = new Set(['src/core/domain']);

const configFile = ts.findConfigFile(repositoryRoot, ts.sys.fileExists, 'tsconfig.json');
const { options, fileNames } = ts.getParsedCommandLineOfConfigFile(
  configFile,
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} }
);
const program = ts.createProgram(
  fileNames.filter((name) => !name.includes('.test.')),
  options
);
const checker = program.getTypeChecker();
const sources = join(repositoryRoot, 'src') + sep;

/** The functions that are read, and those that are put off. */
const seen = new Set();
/** What was put off, by room, in the order in which the rooms were named. */
const putOff = new Map();
/** Stays in rooms, with the files that are opened in them. */
const stays = [];

function read(declaration) {
  if (seen.has(declaration)) {
    return;
  }
  const file = declaration.getSourceFile().fileName;
  if (!file.startsWith(sources) || basics.has(roomOf(file))) {
    return;
  }
  seen.add(declaration);
  const room = roomOf(file);
  if (room === stays.at(-1).room) {
    stays.at(-1).files.add(file);
    follow(declaration);
  } else {
    putOff.set(room, [...(putOff.get(room) ?? []), declaration]);
  }
}

/** Reads what was put off, room by room. */
function readOn() {
  while (putOff.size > 0) {
    const [[room, declarations]] = [...putOff].sort(([a], [b]) => layerOf(b) - layerOf(a));
    putOff.delete(room);
    stays.push({ room, files: new Set(declarations.map((declaration) => declaration.getSourceFile().fileName)) });
    declarations.forEach(follow);
  }
}

/** Reads what the parts of a node name, in the order in which they stand there. */
function follow(node) {
  ts.forEachChild(node, (child) => {
    if (ts.isIdentifier(child)) {
      declarationsOf(child).forEach(read);
    } else if (!ts.isTypeNode(child)) {
      follow(child);
    }
  });
}

function declarationsOf(identifier) {
  const named = checker.getSymbolAtLocation(identifier);
  const symbol = named && named.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(named) : named;
  return (symbol?.declarations ?? []).flatMap((declaration) => bodiesOf(declaration, identifier));
}

/** What is read for a declaration: nothing, unless it can be run. */
function bodiesOf(declaration, identifier) {
  if (ts.isFunctionLike(declaration)) {
    return 'body' in declaration && declaration.body ? [declaration] : chosenMember(declaration);
  }
  if (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)) {
    return declaration.initializer && isRun(declaration.initializer) ? [declaration.initializer] : [];
  }
  if (ts.isPropertySignature(declaration)) {
    return chosenMember(declaration);
  }
  if (ts.isClassDeclaration(declaration) && ts.isNewExpression(identifier.parent)) {
    return declaration.members.filter((member) => ts.isConstructorDeclaration(member));
  }
  return [];
}

/** A function, or a call that makes one of a function, as `remembered(…)`. */
function isRun(node) {
  return (
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    (ts.isCallExpression(node) && node.arguments.some((argument) => ts.isArrowFunction(argument)))
  );
}

function chosenMember(declaration) {
  const type = declaration.parent?.name?.text;
  if (!Object.hasOwn(chosen, type ?? '')) {
    return [];
  }
  const source = program.getSourceFile(join(repositoryRoot, chosen[type]));
  const found = [];
  const visit = (node) => {
    const isMember = ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node);
    if (isMember && node.name.getText() === declaration.name.getText() && isOfType(node.parent, type)) {
      found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isOfType(object, name) {
  const type = ts.isObjectLiteralExpression(object) && checker.getContextualType(object);
  return Boolean(type) && (type.aliasSymbol ?? type.symbol)?.name === name;
}

/** The number of the layer that a room is in, or, where it has files of several layers, the highest one. */
function layerOf(room) {
  return layers.findLastIndex((layer) => `${room}/`.startsWith(`src/${layer}/`) || dirname(`src/${layer}`) === room);
}

const roomOf = (file) => relative(repositoryRoot, dirname(file));

function start() {
  const source = program.getSourceFile(join(repositoryRoot, first.file));
  const visit = (node) =>
    ts.isMethodDeclaration(node) && node.name.getText() === first.name ? node : ts.forEachChild(node, visit);
  const found = source && visit(source);
  if (!found) {
    throw new Error(`${first.file} has no ${first.name}`);
  }
  stays.push({ room: roomOf(source.fileName), files: new Set() });
  read(found);
}

start();
readOn();
const opened = new Set(stays.flatMap(({ files }) => [...files]));
const unread = Object.values(chosen).filter((file) => !opened.has(join(repositoryRoot, file)));
if (unread.length > 0) {
  throw new Error(`the walk does not reach ${unread.join(', ')}`);
}
const rooms = new Set();
for (const { room, files } of stays) {
  const names = [...files].map((file) => basename(file, '.ts'));
  const more = names.length > 4 ? `, and ${names.length - 4} more` : '';
  console.log(`${rooms.has(room) ? '↩' : ' '} ${room.padEnd(28)} ${names.slice(0, 4).join(', ')}${more}`);
  rooms.add(room);
}
const returns = stays.length - rooms.size;
console.log(
  `${seen.size} functions in ${opened.size} files, ${stays.length} stays in ${rooms.size} rooms, ${returns} returns`
);
const limit = Number(process.argv[2] ?? Infinity);
if (!(returns <= limit)) {
  console.error(`the walk returns ${returns} times to a room that it has left; at most ${process.argv[2]} are allowed`);
  process.exitCode = 1;
}
