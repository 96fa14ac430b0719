/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_completion.c: careen completion: shell completion and the manual page, written from the same tables as --help.
 * The build writes them with it and installs them.
 */
#include "careen/command.h"

#include "base/terminal/text.h"
#include "bus/topics.h"

static const struct config_option general[] = {
    {.name = "config",
     .kind = CONFIG_STRING,
     .value = "FILE",
     .help = "A YAML file with the names here as keys; - and _ mean the same in them."},
    {.name = "show-config", .kind = CONFIG_BOOL, .help = "Print every option with its value and where it came from."},
    {.name = "help", .kind = CONFIG_BOOL, .help = "Print what the command takes and end."},
};

static bool among(const char *const *names, const char *name)
{
    bool found = !names;
    for (size_t i = 0; !found && names[i]; i++)
        found = strcmp(names[i], name) == 0;
    return found;
}

/* Calls fn for every option that a flag of the command can be. */
static void each_option(const struct command *c, struct buf *out,
                        void (*fn)(struct buf *out, const struct command *c, const struct config_option *o))
{
    for (size_t i = 0; i < c->options_n; i++)
        if (!c->options[i].internal)
            fn(out, c, &c->options[i]);
    for (size_t i = 0; c->uses_settings && i < settings_options_n; i++)
        if (settings_options[i].kind != CONFIG_ITEMS && among(c->settings, settings_options[i].name))
            fn(out, c, &settings_options[i]);
    for (size_t i = 0; i < ARRAY_LEN(general); i++)
        fn(out, c, &general[i]);
}

/* What the first argument can be, with blanks between; nothing when it can be anything. */
static void add_arguments(struct buf *out, const struct command *c)
{
    if (c->words)
        buf_add_str(out, c->words);
    for (size_t i = 0; c->takes_topic && i < TOPIC_MAX; i++)
        buf_addf(out, "%s%s", i ? " " : "", topics[i].name);
}

static void add_commands(struct buf *out)
{
    for (size_t i = 0; careen_program.commands[i]; i++)
        buf_addf(out, "%s%s", i ? " " : "", careen_program.commands[i]->name);
}

static void add_choices(struct buf *out, const struct config_option *o)
{
    struct config_choices c;
    config_choices(o, &c);
    for (size_t i = 0; i < c.n; i++)
        buf_addf(out, "%s%s", i ? " " : "", c.v[i].name);
}

/* "FILE", "DIR" or "" for what is no path. */
static const char *path_kind(const struct config_option *o)
{
    bool file = o->value && strcmp(o->value, "FILE") == 0, dir = o->value && strcmp(o->value, "DIR") == 0;
    return file ? "FILE" : dir ? "DIR" : "";
}

/* ---- bash ---- */

static void bash_word(struct buf *out, const struct command *c, const struct config_option *o)
{
    (void)c;
    buf_addf(out, " --%s", o->name);
}

static void bash_values(struct buf *out, const struct command *c, const struct config_option *o)
{
    const char *kind = path_kind(o);
    if (o->kind == CONFIG_BOOL || o->bare)
        return;
    buf_addf(out, "    '%s --%s') ", c->name, o->name);
    if (*kind) {
        buf_addf(out, "mapfile -t COMPREPLY < <(compgen %s -- \"$cur\"); return ;;\n", *kind == 'F' ? "-f" : "-d");
        return;
    }
    buf_add_str(out, "words='");
    add_choices(out, o);
    buf_add_str(out, "' ;;\n");
}

static void write_bash(struct buf *out)
{
    buf_add_str(out, "# bash completion of careen; made by: careen completion bash\n"
                     "_careen() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words='' prev='' command=${COMP_WORDS[1]}\n"
                     "  COMPREPLY=()\n  if [ \"$COMP_CWORD\" = 1 ]; then\n    words='");
    add_commands(out);
    buf_add_str(out, " help --help --version'\n  else\n    prev=${COMP_WORDS[COMP_CWORD-1]}\n    case $command in\n"
                     "    help) words='");
    add_commands(out);
    buf_add_str(out, "' ;;\n");
    for (size_t i = 0; careen_program.commands[i]; i++) {
        buf_addf(out, "    %s) words='", careen_program.commands[i]->name);
        add_arguments(out, careen_program.commands[i]);
        each_option(careen_program.commands[i], out, bash_word);
        buf_add_str(out, "' ;;\n");
    }
    buf_add_str(out, "    esac\n    case \"$command $prev\" in\n");
    for (size_t i = 0; careen_program.commands[i]; i++)
        each_option(careen_program.commands[i], out, bash_values);
    buf_add_str(out, "    esac\n  fi\n  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\n"
                     "complete -o default -F _careen careen\n");
}

/* ---- fish ---- */

/* In single quotes, where only they and the backslash are special. */
static void fish_text(struct buf *out, const char *text)
{
    buf_add_byte(out, '\'');
    for (; *text; text++)
        buf_addf(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    buf_add_byte(out, '\'');
}

static void fish_option(struct buf *out, const struct command *c, const struct config_option *o)
{
    struct buf help = BUF_INIT(4096);
    buf_add_str(&help, o->help);
    if (o->choices_of) /* they stand in the help, which is half a sentence without them */
        config_choices_text(o, &help);
    buf_addf(out, "complete -c careen -n '__fish_seen_subcommand_from %s' -l %s", c->name, o->name);
    if (o->choices || o->choices_of) {
        buf_add_str(out, " -x -a '");
        add_choices(out, o);
        buf_add_str(out, "'");
    } else if (o->kind != CONFIG_BOOL && !o->bare) {
        buf_add_str(out, *path_kind(o) ? " -r" : " -x");
    }
    buf_add_str(out, " -d ");
    fish_text(out, buf_cstr(&help));
    buf_add_byte(out, '\n');
    buf_done(&help);
}

static void fish_arguments(struct buf *out, const struct command *c)
{
    if (!c->words && !c->takes_topic)
        return;
    buf_addf(out, "complete -c careen -n '__fish_seen_subcommand_from %s; and not __fish_seen_subcommand_from ",
             c->name);
    add_arguments(out, c);
    buf_add_str(out, "' -x -a '");
    add_arguments(out, c);
    buf_add_str(out, "'\n");
}

static void write_fish(struct buf *out)
{
    buf_add_str(out, "# fish completion of careen; made by: careen completion fish\n"
                     "complete -c careen -n '__fish_seen_subcommand_from help' -x -a '");
    add_commands(out);
    buf_add_str(out, "'\n");
    for (size_t i = 0; careen_program.commands[i]; i++) {
        buf_addf(out, "complete -c careen -n __fish_use_subcommand -a %s -d ", careen_program.commands[i]->name);
        fish_text(out, careen_program.commands[i]->summary);
        buf_add_byte(out, '\n');
        fish_arguments(out, careen_program.commands[i]);
        each_option(careen_program.commands[i], out, fish_option);
    }
}

/* ---- the manual page ---- */

/* roff: no line begins with a dot or a quote, and a hyphen is one that can be typed. */
static void man_text(struct buf *out, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            buf_add_str(out, "\\&");
        start = *text == '\n';
        if (*text == '\\')
            buf_add_str(out, "\\e");
        else if (*text == '-')
            buf_add_str(out, "\\-");
        else
            buf_add_byte(out, (uint8_t)*text);
    }
}

static void man_option(struct buf *out, const struct command *c, const struct config_option *o)
{
    (void)c;
    buf_addf(out, ".TP\n.B \\-\\-%s", config_on_by_default(o) ? "[no\\-]" : "");
    man_text(out, o->name);
    if (o->bare)
        buf_addf(out, "\\fR[=%s]", o->value);
    else if (o->kind != CONFIG_BOOL)
        buf_addf(out, " \\fR%s", o->value ? o->value : "VALUE");
    buf_add_byte(out, '\n');
    struct buf text = BUF_INIT(1 << 16);
    buf_add_str(&text, o->help);
    config_notes_text(o, true, &text);
    man_text(out, buf_cstr(&text));
    buf_add_byte(out, '\n');
    buf_done(&text);
}

/* Paragraphs are filled by the reader of the page; lines that begin with a blank, examples, stay as they are. */
static void man_about(struct buf *out, const struct command *c)
{
    struct buf about = BUF_INIT(1 << 16);
    bool was_example = false, empty = false;
    command_about(c, &about);
    struct slice text = buf_slice(&about), line;
    while (slice_take_line(&text, &line)) {
        char *copy ATTR_CLEANUP(cleanup_free) = slice_dup(line);
        bool example = *copy == ' ';
        if (example != was_example && *copy) {
            buf_add_str(out, example ? ".PP\n.nf\n" : ".fi\n.PP\n");
            was_example = example;
        } else if (empty && *copy) {
            buf_add_str(out, example ? "\n" : ".PP\n");
        }
        empty = !*copy;
        if (empty)
            continue;
        man_text(out, copy);
        buf_add_byte(out, '\n');
    }
    if (was_example)
        buf_add_str(out, ".fi\n");
    buf_done(&about);
}

static void write_man(struct buf *out)
{
    buf_addf(out, ".TH CAREEN 1 \"\" \"careen %s\"\n", CAREEN_VERSION);
    buf_add_str(out, ".SH NAME\ncareen \\- find the vulnerabilities of container images, and keep them found\n"
                     ".SH SYNOPSIS\n.B careen\nCOMMAND [options]\n.SH COMMANDS\n");
    for (size_t i = 0; careen_program.commands[i]; i++) {
        buf_addf(out, ".SS careen %s ", careen_program.commands[i]->name);
        man_text(out, careen_program.commands[i]->arguments);
        buf_add_byte(out, '\n');
        man_about(out, careen_program.commands[i]);
        each_option(careen_program.commands[i], out, man_option);
    }
    buf_add_str(out,
                ".SH ENVIRONMENT\nCAREEN_ and an option's name in capitals, with _ for \\- and ., sets that option.\n"
                ".SH \"EXIT STATUS\"\n0 fine, 1 findings at or above \\-\\-fail\\-on, 2 usage, 3 could not do it.\n"
                ".SH FILES\n~/.cache/careen holds layers and advisories, ~/.local/share/careen the state of\n"
                ".BR \"careen up\" .\n");
}

static int run(const struct settings *s, void *own, const char *const *args, size_t n)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *out);
    } kinds[] = {{"bash", write_bash}, {"fish", write_fish}, {"man", write_man}};
    struct buf out = BUF_INIT(1 << 20);
    (void)s, (void)own;
    for (size_t i = 0; n == 1 && i < ARRAY_LEN(kinds); i++)
        if (strcmp(args[0], kinds[i].name) == 0) {
            kinds[i].write(&out);
            text_write(STDOUT_FILENO, buf_slice(&out));
            buf_done(&out);
            return 0;
        }
    return command_usage("completion", "say bash, fish or man");
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "bash|fish|man",
    .words = "bash fish man",
    .summary = "what a shell needs to complete commands, or the manual page",
    .about =
        "Prints completion for bash or fish, or the manual page, from what these programs take. Installing Careen\n"
        "puts them where they are found.\n\n"
        "    . <(careen completion bash)\n"
        "    careen completion fish > ~/.config/fish/completions/careen.fish\n",
    .run = run,
};
