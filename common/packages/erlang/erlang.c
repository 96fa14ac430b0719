/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erlang.c: applications of Erlang and Elixir. A built one has ebin/NAME.app, a term of Erlang (the reference manual of
 * app(5)): {application, NAME, [{vsn, "1.2.3"}, …]}. Those that are made from packages of Hex are told by the name of the
 * application, which nearly always is the package's; deps/NAME/hex_metadata.config, which Hex itself writes where a program is
 * built, has the true one. The applications of Erlang/OTP and Elixir themselves are parts of these. Terms are only read.
 *
 * OTP's release is in releases/NUMBER/OTP_VERSION.
 */
#include "packages/format.h"
#include "packages/parse_internal.h"

/* Applications that OTP 17 to 28 ship, and Elixir 1.0 to 1.19. */
static const char otp_names[] =
    " asn1 common_test compiler cosEvent cosEventDomain cosFileTransfer cosNotification cosProperty cosTime "
    "cosTransactions crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface erts et eunit ftp gs hipe "
    "ic "
    "inets jinterface kernel megaco mnesia observer odbc orber os_mon ose otp_mibs parsetools percept public_key "
    "reltool runtime_tools sasl snmp ssh ssl stdlib syntax_tools test_server tftp tools typer webtool wx xmerl ";
static const char elixir_names[] = " eex elixir ex_unit iex logger mix ";

/* ---- terms ---- */

/* What follows blanks and comments ("% …" to the end of the line). */
static struct slice skip_blanks(struct slice s)
{
    struct slice line;
    for (;;) {
        while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n'))
            s = slice_from(s, 1);
        if (!s.n || s.p[0] != '%')
            return s;
        slice_take_line(&s, &line);
    }
}

static bool take_mark(struct slice *s, char mark)
{
    *s = skip_blanks(*s);
    if (!s->n || s->p[0] != (uint8_t)mark)
        return false;
    *s = slice_from(*s, 1);
    return true;
}

/* "text", <<"text">>, 'atom' or atom; what has a backslash in it is absent. */
static struct slice take_word(struct slice *s)
{
    bool binary = slice_take_prefix(s, SLICE("<<"));
    *s = skip_blanks(*s);
    uint8_t quote = s->n ? s->p[0] : 0;
    size_t n = quote == '"' || quote == '\'' ? 1 : 0, from = n;
    if (from) {
        while (n < s->n && s->p[n] != quote)
            n += s->p[n] == '\\' ? 2 : 1;
    } else {
        while (n < s->n && (s->p[n] == '_' || s->p[n] == '@' || (s->p[n] >= '0' && s->p[n] <= '9') ||
                            (s->p[n] >= 'a' && s->p[n] <= 'z') || (s->p[n] >= 'A' && s->p[n] <= 'Z')))
            n++;
    }
    n = MIN(n, s->n);
    struct slice word = slice_sub(*s, from, n - from);
    *s = slice_from(*s, n + from);
    if (binary)
        while (s->n && s->p[0] != '>')
            *s = slice_from(*s, 1);
    if (binary)
        *s = slice_from(*s, 2);
    return slice_find(word, '\\') < 0 ? word : SLICE_NONE;
}

/*
 * The word of the first pair {key, WORD} in text. Strings are stepped over, so that a description can't play a pair; an
 * application's own pairs stand before those of its environment in every generated file.
 */
static struct slice pair_of(struct slice s, const char *key)
{
    while (s.n) {
        if (s.p[0] == '"' || s.p[0] == '\'' || s.p[0] == '%') {
            struct slice rest = skip_blanks(s);
            if (rest.n == s.n)
                take_word(&rest);
            s = rest;
            continue;
        }
        bool opens = s.p[0] == '{';
        s = slice_from(s, 1);
        if (!opens)
            continue;
        struct slice at = skip_blanks(s), name = take_word(&at);
        if (!slice_eq_str(name, key) || !take_mark(&at, ','))
            continue;
        at = skip_blanks(at);
        return take_word(&at);
    }
    return SLICE_NONE;
}

/* ---- files ---- */

static void parse_app(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.type = PKG_HEX, .name = pair_of(bytes, "application"), .version = pair_of(bytes, "vsn")};
    if (slice_find_slice(p->path, SLICE("_build/test/")) >= 0)
        return;
    if (!parse_is_token(package.name) || !parse_is_token(package.version)) {
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound application and vsn");
        return;
    }
    if (slice_is_word_of(package.name, otp_names)) {
        package.type = PKG_OTP;
        package.parent = SLICE("Erlang/OTP");
    } else if (slice_is_word_of(package.name, elixir_names)) {
        package.type = PKG_OTP;
        package.parent = SLICE("Elixir");
    }
    parse_add_package(p, file, &package);
}

/* What Hex fetched to build with; the application that was built of it has its own .app. */
static void parse_metadata(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct package package = {.type = PKG_HEX,
                              .name = pair_of(bytes, "name"),
                              .version = pair_of(bytes, "version"),
                              .certainty = CERTAINTY_DECLARED,
                              .why = SLICE("fetched to build with")};
    /* Its pairs are {<<"name">>,<<"jason">>}. */
    if (parse_is_token(package.name) && parse_is_token(package.version))
        parse_add_package(p, file, &package);
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound name and version");
}

static void parse_otp_version(struct parse *p, struct slice bytes, struct parsed_file *file)
{
    struct slice version = SLICE_NONE;
    slice_take_line(&bytes, &version);
    version = slice_trim(version);
    /* "25.3.2.8**": a release that was patched by hand. */
    while (version.n && version.p[version.n - 1] == '*')
        version.n--;
    if (parse_is_token(version))
        parse_add_package(p, file, &(struct package){.type = PKG_OTP, .name = SLICE("otp"), .version = version});
    else
        parse_reason(p, REASON_PACKAGE_LEFT_OUT, "it has no sound version");
}

static const struct package_rule rules[] = {
    {.path = "**/ebin/*.app", .max = KEEP_SMALL, .parser = "erlang-app", .parse = parse_app},
    {.path = "**/deps/*/hex_metadata.config", .max = KEEP_SMALL, .parser = "hex-metadata", .parse = parse_metadata},
    {.path = "**/releases/*/OTP_VERSION", .max = 4096, .parser = "otp-version", .parse = parse_otp_version},
    {.path = NULL},
};

const struct package_format format_erlang = {
    .name = "erlang", .keeps_version = 1, .reads_version = 1, .type = PKG_HEX, .rules = rules};
