/* SPDX-License-Identifier: Apache-2.0 */
#include "careen/scan/image_options.h"

#include "io/http/http.h"

#include <fcntl.h>
#include <sys/stat.h>

#define HINT_MAX 1024

int image_options_cache_path(const char *cache, const char *what, char **ret_path, struct err *e)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *root ATTR_CLEANUP(cleanup_free) = cache && *cache      ? xstrdup(cache)
                                            : xdg && *xdg == '/' ? xasprintf("%s/careen", xdg)
                                            : home && *home      ? xasprintf("%s/.cache/careen", home)
                                                                 : NULL;
    if (!root)
        return err_set(e, ERR_USAGE, 0, "there is no HOME to keep things in; say where with --cache DIR");
    *ret_path = what ? xasprintf("%s/%s", root, what) : STEAL(root);
    return 0;
}

/* The hint when the name of an image is that of a file or folder here; "" when it is not. */
static const char *as_file(const char *text, char hint[HINT_MAX])
{
    struct slice path = slice_str(text);
    struct stat st;
    ptrdiff_t colon = slice_find(path, ':');
    if (colon >= 0)
        path.n = (size_t)colon;
    char *name ATTR_CLEANUP(cleanup_free) = slice_dup(path);
    hint[0] = 0;
    if (stat(name, &st))
        return hint;
    if (S_ISDIR(st.st_mode))
        snprintf(hint, HINT_MAX, "; there is a folder %s: oci:%s?", name, text);
    else if (slice_ends(path, SLICE(".json")))
        snprintf(hint, HINT_MAX, "; there is a file %s: sbom:%s?", name, name);
    else
        snprintf(hint, HINT_MAX, "; there is a file %s: docker-archive:%s or oci-archive:%s?", name, text, text);
    return hint;
}

/* What a person can do about an error, where that is known from its kind. */
static const char *advice(const struct gather_options *o, const char *text, const struct err *e, char hint[HINT_MAX])
{
    enum err_kind kind = e->kind;
    if (o->ref.form)
        return ""; /* its path is in the text */
    if (as_file(text, hint)[0])
        return hint;
    if (e->code == HTTP_NO_TLS)
        return ", or say --plain-http";
    if (kind == ERR_REFUSED && (e->code == 401 || e->code == 403))
        return "; log in with docker login, or say --username and --password-file";
    if (kind == ERR_NOT_FOUND)
        return "; look whether the name is right";
    if (kind == ERR_RETRY && e->code >= 400) /* it answers, only not now */
        return "; try again";
    return "";
}

/* ret_password NULL: looked at, not read: what gives a password may give it once. */
static int prepare(const struct image_options *o, const char *text, struct arena *arena, struct gather_options *g,
                   char **ret_password, struct err *e)
{
    struct imageref *ref = &g->ref;
    char hint[HINT_MAX];
    bool parsed = image_kind_parse(careen_program.image_kinds, arena, slice_str(text), ref, e) == 0;
    /* Before a password is read: the program that has the kind reads it itself. */
    if (ret_password && !(parsed && image_kind_of(careen_program.image_kinds, ref)))
        command_elsewhere();
    if (!parsed)
        return as_file(text, hint)[0] ? err_set(e, ERR_USAGE, 0, "\"%s\" is no image's name%s", text, hint) : -1;
    if (o->platform && platform_parse(arena, slice_str(o->platform), &g->platform, e))
        return -1;
    if (o->password_file && ret_password && config_read_secret(o->password_file, ret_password, e))
        return err_wrap(e, "password-file");
    if (o->password_file && !o->username)
        return err_set(e, ERR_USAGE, 0, "--password-file needs --username");
    g->kinds = careen_program.image_kinds;
    g->registry = (struct registry_options){.plain_http = o->plain_http || ref->plain_http,
                                            .ca_file = o->ca_file,
                                            .username = o->username,
                                            .password = ret_password ? *ret_password : NULL};
    return 0;
}

static int look(const struct imageref *ref, struct err *e)
{
    if (!ref->form)
        return 0;
    bool folder = ref->form->folder;
    /* O_NONBLOCK: opening a fifo must not wait for its other end. */
    int fd ATTR_CLEANUP(cleanup_close) =
        open((const char *)ref->path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (folder ? O_DIRECTORY : 0));
    return fd < 0 ? err_errno(e, ERR_NOT_FOUND, errno, "cannot open the %s", folder ? "folder" : "file") : 0;
}

int image_check(const char *name, const struct image_options *o, const char *const *args, size_t args_n)
{
    struct arena arena = ARENA_INIT(1 << 20);
    struct gather_options g = {0};
    struct err e = ERR_INIT;
    int rc = 0;
    if (args_n != 1)
        return command_usage(name, args_n ? "one image at a time" : "which image?");
    if (prepare(o, args[0], &arena, &g, NULL, &e)) {
        rc = command_usage(name, e.text);
    } else if (look(&g.ref, &e)) {
        command_say(name, "%.*s: %s", SLICE_FMT(imageref_format(&arena, &g.ref)), e.text);
        rc = EXIT_TROUBLE;
    }
    arena_done(&arena);
    return rc;
}

static int gather_shown(const char *name, const struct image_options *o, struct gather_options *g, const char *text,
                        struct slice reference, struct arena *arena, struct gathered *ret)
{
    struct text_terminal terminal;
    struct err e = ERR_INIT;
    char hint[HINT_MAX];
    text_terminal_open(STDERR_FILENO, &terminal);
    if (terminal.tty && !o->quiet)
        g->progress = text_progress_new(&terminal, NULL);
    int rc = gather(g, arena, ret, &e);
    text_progress_free(g->progress);
    if (rc) {
        command_say(name, "%.*s: %s%s", SLICE_FMT(reference), e.text, advice(g, text, &e, hint));
        return EXIT_TROUBLE;
    }
    if (ret->cache_trouble.p)
        command_say(name, "layers are not remembered: %.*s", SLICE_FMT(ret->cache_trouble));
    return 0;
}

int image_gather(const char *name, const struct image_options *o, const char *const *args, size_t args_n,
                 struct arena *arena, struct slice *ret_reference, struct gathered *ret)
{
    struct gather_options g = {0};
    struct err e = ERR_INIT;
    char *password ATTR_CLEANUP(cleanup_free) = NULL, *layers ATTR_CLEANUP(cleanup_free) = NULL;
    if (args_n != 1)
        return command_usage(name, args_n ? "one image at a time" : "which image?");
    if (prepare(o, args[0], arena, &g, &password, &e) ||
        (!o->no_cache && image_options_cache_path(o->cache, "layers", &layers, &e)))
        return command_usage(name, e.text);
    g.layers_dir = layers;
    struct slice reference = imageref_format(arena, &g.ref);
    *ret_reference = reference;
    return gather_shown(name, o, &g, args[0], reference, arena, ret);
}
