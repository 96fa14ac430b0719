/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config/config_internal.h"

/* ---- names ---- */

static uint8_t fold(uint8_t c)
{
    return c == '_' || c == '.' ? '-' : byte_lower(c);
}

bool config_name_eq(struct slice a, struct slice b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (fold(a.p[i]) != fold(b.p[i]))
            return false;
    return true;
}

bool config_takes(const struct config_set *set, const struct config_option *o)
{
    bool takes = !set->only;
    for (size_t i = 0; !takes && set->only[i]; i++)
        takes = strcmp(set->only[i], o->name) == 0;
    return takes;
}

bool config_find(const struct config *c, struct slice name, struct config_place *ret_place)
{
    for (size_t i = 0; i < c->sets_n; i++)
        for (size_t k = 0; k < c->sets[i].n; k++) {
            const struct config_option *o = &c->sets[i].options[k];
            if (!config_name_eq(name, slice_str(o->name)))
                continue;
            *ret_place = (struct config_place){o, (uint8_t *)c->sets[i].target + o->offset, &c->origins[i][k],
                                               c->hidden[i] || !config_takes(&c->sets[i], o)};
            return true;
        }
    return false;
}

bool config_is_other_option(const struct config *c, struct slice name)
{
    bool found = false;
    for (size_t i = 0; i < c->known->options_n && !found; i++)
        found = config_name_eq(name, slice_str(c->known->options[i]));
    return found;
}

static bool has_prefix(const char *text, struct slice prefix)
{
    struct slice name = slice_str(text);
    return name.n > prefix.n + 1 && fold(name.p[prefix.n]) == '-' &&
           config_name_eq(slice_sub(name, 0, prefix.n), prefix);
}

bool config_has_prefix(const struct config *c, struct slice prefix)
{
    bool found = false;
    for (size_t i = 0; i < c->sets_n; i++)
        for (size_t k = 0; k < c->sets[i].n && !found; k++)
            found = has_prefix(c->sets[i].options[k].name, prefix);
    for (size_t i = 0; i < c->known->options_n && !found; i++)
        found = has_prefix(c->known->options[i], prefix);
    return found;
}

/*
 * How many edits lie between two names: insert, delete, replace, swap neighbours (optimal string alignment). SIZE_MAX
 * when one of them is long.
 */
static size_t distance(struct slice a, struct slice b)
{
    enum { LONGEST = 48 };
    size_t d[LONGEST + 1][LONGEST + 1];
    if (a.n > LONGEST || b.n > LONGEST)
        return SIZE_MAX;
    for (size_t i = 0; i <= a.n; i++)
        d[i][0] = i;
    for (size_t k = 0; k <= b.n; k++)
        d[0][k] = k;
    for (size_t i = 1; i <= a.n; i++)
        for (size_t k = 1; k <= b.n; k++) {
            size_t same = fold(a.p[i - 1]) == fold(b.p[k - 1]) ? 0 : 1;
            d[i][k] = MIN(MIN(d[i - 1][k], d[i][k - 1]) + 1, d[i - 1][k - 1] + same);
            if (i > 1 && k > 1 && fold(a.p[i - 1]) == fold(b.p[k - 2]) && fold(a.p[i - 2]) == fold(b.p[k - 1]))
                d[i][k] = MIN(d[i][k], d[i - 2][k - 2] + 1);
        }
    return d[a.n][b.n];
}

static void nearer(struct slice name, const char *candidate, size_t *best, const char **found)
{
    size_t d = distance(name, slice_str(candidate));
    if (d < *best) {
        *best = d;
        *found = candidate;
    }
}

const char *config_nearest(const struct config *c, struct slice name, size_t limit, bool flag)
{
    const char *found = NULL;
    size_t best = MIN(limit, name.n / 3) + 1; /* the shorter a name, the fewer mistakes are assumed */
    for (size_t i = 0; i < c->sets_n; i++)
        for (size_t k = 0; k < c->sets[i].n && !(flag && c->hidden[i]); k++)
            if (!c->sets[i].options[k].internal && (!flag || config_takes(&c->sets[i], &c->sets[i].options[k])))
                nearer(name, c->sets[i].options[k].name, &best, &found);
    for (size_t i = 0; i < c->known->options_n && !flag; i++)
        nearer(name, c->known->options[i], &best, &found);
    return found;
}

const char *config_nearest_name(const char *const *names, size_t n, struct slice name)
{
    const char *found = NULL;
    size_t best = MAX(name.n / 3, 1u) + 1;
    for (size_t i = 0; i < n; i++)
        nearer(name, names[i], &best, &found);
    return found;
}

const char *config_nearest_item(const struct config_option *options, size_t n, struct slice name)
{
    const char *found = NULL;
    size_t best = MAX(name.n / 3, 1u) + 1;
    for (size_t i = 0; i < n; i++)
        nearer(name, options[i].name, &best, &found);
    return found;
}

int config_unknown(struct err *e, const char *where, const char *what, struct slice name, const char *nearest)
{
    const char *dashes = slice_starts(name, SLICE("--")) ? "--" : "";
    return err_set(e, ERR_USAGE, 0, "%s%sunknown %s %.*s%s%s%s%s", where, *where ? ": " : "", what,
                   (int)MIN(name.n, 100u), (const char *)name.p, nearest ? "; did you mean " : "",
                   nearest ? dashes : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* ---- command line ---- */

static int set_flag(struct config *c, const struct config_place *p, const char *flag, struct slice value, struct err *e)
{
    bool fresh = !*p->origin || strncmp(*p->origin, "--", 2);
    if (config_set_text(&c->arena, p->option, p->member, value, fresh, flag, e))
        return -1;
    *p->origin = flag;
    return 0;
}

static struct slice flag_name(const char *arg, struct slice *ret_value)
{
    struct slice name = slice_str(arg + 2);
    ptrdiff_t equals = slice_find(name, '=');
    *ret_value = SLICE_NONE;
    if (equals < 0)
        return name;
    *ret_value = slice_from(name, (size_t)equals + 1);
    return slice_sub(name, 0, (size_t)equals);
}

static int unknown_flag(const struct config *c, const char *arg, struct slice name, struct err *e)
{
    static const char *const general[] = {"config", "show-config", "help", "version"};
    struct config_place p;
    if (config_find(c, name, &p))
        return err_set(e, ERR_USAGE, 0,
                       "--%s is not an option of this command; the configuration file and the environment may hold it",
                       p.option->name);
    const char *nearest = config_nearest(c, name, SIZE_MAX - 1, true);
    if (!nearest)
        nearest = config_nearest_name(general, ARRAY_LEN(general), name);
    return config_unknown(e, "", "option", slice_of(arg, name.n + 2), nearest);
}

static bool find_flag(const struct config *c, struct slice name, struct config_place *ret_place)
{
    return config_find(c, name, ret_place) && !ret_place->hidden;
}

/* Returns how many arguments were used, or -1. The first pass takes the file's name, the second the values. */
static int take_flag(struct config *c, int argc, const char *const *argv, bool first, struct err *e)
{
    struct slice value, name = flag_name(argv[0], &value);
    struct config_place p;
    bool is_file = slice_eq_str(name, "config"), no = slice_starts(name, SLICE("no-")), has_value = value.p != NULL;
    if (slice_eq_str(name, "show-config") && !has_value) {
        c->asked = CONFIG_SHOW;
        return 1;
    }
    bool found = !is_file && find_flag(c, name, &p);
    if (!found && no && find_flag(c, slice_from(name, 3), &p) && !has_value &&
        (p.option->kind == CONFIG_BOOL || p.option->bare))
        return first                                                                                        ? 1
               : set_flag(c, &p, (const char *)arena_printf(&c->arena, "%s", argv[0]).p, SLICE("false"), e) ? -1
                                                                                                            : 1;
    if (!found && !is_file)
        return unknown_flag(c, argv[0], name, e);
    const char *flag = arena_cstr(&c->arena, slice_of(argv[0], name.n + 2));
    if (!flag)
        return err_set(e, ERR_USAGE, 0, "the command line is too long");
    const char *bare = !found ? NULL : p.option->kind == CONFIG_BOOL ? "true" : p.option->bare;
    if (bare && !has_value)
        return first ? 1 : set_flag(c, &p, flag, slice_str(bare), e) ? -1 : 1;
    int used = 1;
    if (!has_value) {
        if (argc < 2 || !strncmp(argv[1], "--", 2))
            return err_set(e, ERR_USAGE, 0, "%s needs a value: %s=%s", flag, flag,
                           found && p.option->value ? p.option->value
                           : is_file                ? "FILE"
                                                    : "VALUE");
        value = slice_str(argv[1]);
        used = 2;
    }
    if (is_file && first) {
        c->file = arena_cstr(&c->arena, value);
        c->file_origin = "--config";
    }
    if (found && !first && set_flag(c, &p, flag, value, e))
        return -1;
    return used;
}

static int read_flags(struct config *c, int argc, const char *const *argv, bool first, struct err *e)
{
    bool positional = false;
    for (int i = 0; i < argc;) {
        const char *arg = argv[i];
        if (!positional && !strcmp(arg, "--")) {
            positional = true;
            i++;
        } else if (positional || arg[0] != '-' || !arg[1]) {
            const char **to = first ? NULL : VEC_ADD(&c->arena, &c->args);
            if (to)
                *to = arena_cstr(&c->arena, slice_str(arg));
            i++;
        } else if (arg[1] != '-') {
            return err_set(e, ERR_USAGE, 0, "unknown option %.100s; long options begin with --, and --help lists them",
                           arg);
        } else {
            int used = take_flag(c, argc - i, argv + i, first, e);
            if (used < 0)
                return -1;
            i += used;
        }
    }
    return 0;
}

static enum config_asked asked_first(int argc, const char *const *argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return CONFIG_HELP;
        if (!strcmp(argv[i], "--version"))
            return CONFIG_VERSION;
    }
    return CONFIG_RUN;
}

/* ---- environment ---- */

static bool is_variable(const struct config *c, struct slice name)
{
    bool found = false;
    for (size_t i = 0; i < c->known->variables_n && !found; i++) {
        struct slice v = slice_str(c->known->variables[i]);
        bool is_prefix = v.n && v.p[v.n - 1] == '-';
        found = config_name_eq(is_prefix ? slice_sub(name, 0, MIN(name.n, v.n)) : name, v);
    }
    return found;
}

static int read_variable(struct config *c, struct slice name, struct slice value, struct err *e)
{
    struct config_place p;
    const char *where = (const char *)arena_printf(&c->arena, "CAREEN_%.*s", SLICE_FMT(name)).p;
    if (!where)
        return err_set(e, ERR_USAGE, 0, "the environment is too large");
    if (config_find(c, name, &p)) {
        *p.origin = where;
        return config_set_texts(&c->arena, p.option, p.member, value, where, e);
    }
    if (config_is_other_option(c, name) || is_variable(c, name))
        return 0;
    const char *nearest = config_nearest(c, name, 2, false);
    if (nearest) {
        struct buf upper = BUF_INIT(256);
        for (const char *s = nearest; *s; s++)
            buf_add_byte(&upper, *s == '-' || *s == '.'   ? '_'
                                 : *s >= 'a' && *s <= 'z' ? (uint8_t)(*s - 32)
                                                          : (uint8_t)*s);
        err_set(e, ERR_USAGE, 0, "environment: unknown %s; did you mean CAREEN_%s?", where, buf_cstr(&upper));
        buf_done(&upper);
        return -1;
    }
    const char **warning = VEC_ADD(&c->arena, &c->warnings);
    if (warning)
        *warning = (const char *)arena_printf(&c->arena, "environment: %s is not an option of this program", where).p;
    return 0;
}

static int read_environment(struct config *c, const char *const *environment, bool first, struct err *e)
{
    for (; environment && *environment; environment++) {
        struct slice value = slice_str(*environment), name;
        if (!slice_take_prefix(&value, SLICE("CAREEN_")) || slice_find(value, '=') < 0 ||
            !slice_take_token(&value, '=', &name))
            continue;
        if (first && slice_eq_str(name, "CONFIG") && value.n) {
            c->file = arena_cstr(&c->arena, value);
            c->file_origin = "CAREEN_CONFIG";
        }
        if (!first && read_variable(c, name, value, e))
            return -1;
    }
    return 0;
}

/* ---- all together ---- */

static int read_file(const char *path, size_t max, struct buf *out, struct err *e)
{
    FILE *f ATTR_CLEANUP(cleanup_fclose) = fopen(path, "rbe");
    if (!f)
        return err_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_USAGE, errno, "%s", path);
    for (;;) {
        uint8_t *to = buf_reserve(out, 4096);
        if (!to)
            return err_set(e, ERR_USAGE, 0, "%s: more than %zu bytes", path, max);
        size_t n = fread(to, 1, 4096, f);
        out->n += n;
        if (ferror(f))
            return err_errno(e, ERR_USAGE, errno, "%s", path);
        if (n < 4096)
            return 0;
    }
}

static int start(const struct config_set *sets, size_t sets_n, const struct config_known *known,
                 struct config **ret_config, struct err *e)
{
    static const struct config_known nothing;
    struct config *c = xcalloc(1, sizeof *c);
    c->known = known ? known : &nothing;
    c->arena = ARENA_INIT(CONFIG_MEMORY_MAX);
    c->sets = xmemdup(sets, sets_n * sizeof *sets);
    c->hidden = xcalloc(sets_n + 1, sizeof *c->hidden);
    c->origins = xcalloc(sets_n + 1, sizeof *c->origins);
    c->sets_n = sets_n;
    for (size_t i = 0; i < sets_n; i++) {
        struct config_set *s = &c->sets[i];
        c->hidden[i] = !s->target;
        if (!s->target)
            s->target = arena_alloc(&c->arena, s->size);
        c->origins[i] = arena_zalloc(&c->arena, (s->n + 1) * sizeof **c->origins);
        ASSERT(s->target && c->origins[i]);
        memset(s->target, 0, s->size);
        if (config_set_defaults(&c->arena, s->options, s->n, s->target, e)) {
            config_free(c);
            return -1;
        }
    }
    *ret_config = c;
    return 0;
}

static int load(struct config *c, int argc, const char *const *argv, const char *const *environment, struct err *e)
{
    if (read_environment(c, environment, true, e) || read_flags(c, argc, argv, true, e))
        return -1;
    if (c->file) {
        struct buf text = BUF_INIT(CONFIG_FILE_MAX);
        int rc = read_file(c->file, CONFIG_FILE_MAX, &text, e);
        if (rc)
            err_wrap(e, "%s", c->file_origin);
        else
            rc = config_read_yaml(c, c->file, buf_slice(&text), e);
        buf_done(&text);
        if (rc)
            return -1;
    }
    return read_environment(c, environment, false, e) || read_flags(c, argc, argv, false, e) ? -1 : 0;
}

int config_load(const struct config_set *sets, size_t sets_n, const struct config_known *known, int argc,
                const char *const *argv, const char *const *environment, struct config **ret_config, struct err *e)
{
    struct config *c = NULL;
    if (start(sets, sets_n, known, &c, e))
        return -1;
    c->asked = asked_first(argc, argv);
    if (c->asked == CONFIG_RUN && load(c, argc, argv, environment, e)) {
        config_free(c);
        return -1;
    }
    *ret_config = c;
    return 0;
}

int config_load_text(const struct config_set *sets, size_t sets_n, const struct config_known *known, const char *name,
                     struct slice yaml, struct config **ret_config, struct err *e)
{
    struct config *c = NULL;
    if (start(sets, sets_n, known, &c, e))
        return -1;
    if (config_read_yaml(c, name, yaml, e)) {
        config_free(c);
        return -1;
    }
    *ret_config = c;
    return 0;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    arena_done(&c->arena);
    free(c->sets);
    free(c->hidden);
    free(c->origins);
    free(c);
}

enum config_asked config_asked(const struct config *c)
{
    return c->asked;
}

const char *const *config_args(const struct config *c, size_t *ret_n)
{
    *ret_n = c->args.n;
    return c->args.v;
}

const char *const *config_warnings(const struct config *c, size_t *ret_n)
{
    *ret_n = c->warnings.n;
    return c->warnings.v;
}

const char *config_origin(const struct config *c, const char *name)
{
    struct config_place p;
    if (!config_find(c, slice_str(name), &p))
        return NULL;
    return *p.origin ? *p.origin : "default";
}

int config_read_secret(const char *path, char **ret_secret, struct err *e)
{
    struct buf text = BUF_INIT((size_t)64 << 10);
    int rc = read_file(path, (size_t)64 << 10, &text, e);
    if (!rc) {
        struct slice s = buf_slice(&text);
        if (s.n && s.p[s.n - 1] == '\n')
            s.n--;
        if (s.n && s.p[s.n - 1] == '\r')
            s.n--;
        *ret_secret = slice_dup(s);
    }
    if (text.p)
        explicit_bzero(text.p, text.n);
    buf_done(&text);
    return rc;
}
