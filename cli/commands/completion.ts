import { type Command, type Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What may stand where, of one command. */
interface Completable {
  name: string;
  summary: string;
  options: Array<{
    flags: string[];
    description: string;
    choices: readonly string[];
    takes: 'nothing' | 'text' | 'file';
  }>;
  /** Values of its first argument. */
  words: readonly string[];
}

/** The script that teaches a shell the commands, options and values of a program; it runs nothing when completing. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map(completable);
  return { bash, zsh, fish }[shell](program.name(), commands);
}

function completable(command: Command): Completable {
  return {
    name: command.name(),
    summary: command.summary() || command.description(),
    options: command.options.filter(({ hidden }) => !hidden).map(optionOf),
    words: command.registeredArguments[0]?.argChoices ?? [],
  };
}

function optionOf({ short, long, description, argChoices, required, flags }: Option): Completable['options'][number] {
  return {
    flags: [long, short].filter((flag) => flag !== undefined),
    description,
    choices: argChoices ?? [],
    takes: !required ? 'nothing' : flags.includes('<file>') ? 'file' : 'text',
  };
}

const quoted = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`;

function bash(name: string, commands: readonly Completable[]): string {
  const fn = `_${name.replace(/-/g, '_')}`;
  const cases = commands.flatMap(({ name: command, options }) =>
    options
      .filter(({ takes }) => takes !== 'nothing')
      .flatMap(({ flags, choices, takes }) => {
        const words = choices.length > 0 ? `-W ${quoted(choices.join(' '))}` : takes === 'file' ? '-f' : `-W ''`;
        const pattern = flags.map((flag) => quoted(`${command} ${flag}`)).join('|');
        return `    ${pattern}) COMPREPLY=($(compgen ${words} -- "$cur")); return ;;`;
      })
  );
  const words = commands.map(
    ({ name: command, options, words: own }) =>
      `    ${command}) COMPREPLY=($(compgen -W ${quoted([...own, ...options.flatMap(({ flags }) => flags.slice(0, 1)), '--help'].join(' '))} -- "$cur")) ;;`
  );
  return [
    `# Completion of ${name} for bash: eval "$(${name} completion bash)"`,
    `${fn}() {`,
    '  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}"',
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W ${quoted([...commands.map((one) => one.name), '--help', '--version'].join(' '))} -- "$cur")); return`,
    '  fi',
    '  case "$command $prev" in',
    ...cases,
    '  esac',
    '  case "$command" in',
    ...words,
    '  esac',
    '}',
    `complete -F ${fn} ${name}`,
    '',
  ].join('\n');
}

/** What zsh reads as a part of its own description is taken out. */
const plain = (text: string) => text.replace(/[[\]:'"`$\\]/g, '');

function zsh(name: string, commands: readonly Completable[]): string {
  const fn = `_${name.replace(/-/g, '_')}`;
  const specs = ({ options, words }: Completable) => [
    ...options.flatMap(({ flags, description, choices, takes }) =>
      flags.map((flag) => {
        const value =
          takes === 'nothing'
            ? ''
            : choices.length > 0
              ? `:value:(${choices.join(' ')})`
              : takes === 'file'
                ? ':file:_files'
                : ':value: ';
        return quoted(`${flag}[${plain(description)}]${value}`);
      })
    ),
    ...(words.length > 0 ? [quoted(`1:name:(${words.join(' ')})`)] : []),
  ];
  return [
    `#compdef ${name}`,
    `# Completion of ${name} for zsh: ${name} completion zsh > "\${fpath[1]}/${fn}"`,
    `${fn}() {`,
    '  if (( CURRENT == 2 )); then',
    `    local -a commands=(${commands.map((one) => quoted(`${one.name}:${plain(one.summary)}`)).join(' ')})`,
    "    _describe 'command' commands; return",
    '  fi',
    '  local command="$words[2]"',
    '  shift words; (( CURRENT-- ))',
    '  case "$command" in',
    ...commands.map((one) => `    ${one.name}) _arguments ${specs(one).join(' ')} ;;`),
    '  esac',
    '}',
    `if [ "$funcstack[1]" = "${fn}" ]; then ${fn} "$@"; else compdef ${fn} ${name}; fi`,
    '',
  ].join('\n');
}

function fish(name: string, commands: readonly Completable[]): string {
  const first = `complete -c ${name} -n __fish_use_subcommand`;
  return [
    `# Completion of ${name} for fish: ${name} completion fish > ~/.config/fish/completions/${name}.fish`,
    `complete -c ${name} -f`,
    ...commands.map((one) => `${first} -a ${one.name} -d ${quoted(plain(one.summary))}`),
    ...commands.flatMap(({ name: command, options, words }) => {
      const after = `complete -c ${name} -n ${quoted(`__fish_seen_subcommand_from ${command}`)}`;
      return [
        ...(words.length > 0 ? [`${after} -a ${quoted(words.join(' '))}`] : []),
        ...options.map(({ flags, description, choices, takes }) =>
          [
            after,
            ...flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
            ...(takes === 'nothing' ? [] : takes === 'file' ? ['-r -F'] : ['-x']),
            ...(choices.length > 0 ? [`-a ${quoted(choices.join(' '))}`] : []),
            `-d ${quoted(plain(description))}`,
          ].join(' ')
        ),
      ];
    }),
    '',
  ].join('\n');
}
