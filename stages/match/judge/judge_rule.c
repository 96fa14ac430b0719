/* SPDX-License-Identifier: Apache-2.0 */
/* judge_rule.c: the text of a rule, and whether it holds when it is read again: the end of judge.h. */
#include "match/judge/judge_family.h"
#include "match/judge/judge_internal.h"

#include "model/ecosystem/ecosystem.h"

const char *judge_matched(const struct judge *j, const struct opinion *o)
{
    return j->family->sourceless ? "package" : o->module ? "module" : o->source_name ? "source" : "binary";
}

struct slice judge_rule(const struct judge *j, const struct opinion *o)
{
    const struct version_range *r = o->range;
    struct slice bounds = SLICE("any");
    if (r) {
        bool from = r->introduced.n && !slice_eq(r->introduced, SLICE("0"));
        bool to = r->fixed.n || r->last_affected.n;
        struct slice end = r->fixed.n ? r->fixed : r->last_affected;
        if (from || to)
            bounds = arena_printf(j->arena, "%s%.*s%s%s%.*s", from ? ">= " : "",
                                  SLICE_FMT(from ? r->introduced : SLICE("")), from && to ? " and " : "",
                                  !to          ? ""
                                  : r->fixed.n ? "< "
                                               : "<= ",
                                  SLICE_FMT(to ? end : SLICE("")));
    } else if (o->advisory->versions.n) {
        bounds = arena_printf(j->arena, "= %.*s", SLICE_FMT(o->version));
    }
    if (o->by_updates)
        bounds = arena_printf(j->arena, "without %.*s", SLICE_FMT(o->advisory->fix_reference));
    /* Blanks part the rule's words; products have some in their names. */
    struct slice left = o->name, word, name = SLICE_NONE;
    while (slice_take_token(&left, ' ', &word))
        name = name.p ? arena_printf(j->arena, "%.*s%%20%.*s", SLICE_FMT(name), SLICE_FMT(word)) : word;
    if (!bounds.p)
        return SLICE_NONE;
    return arena_printf(j->arena, "%s %s %.*s %.*s %.*s (%.*s)", package_type_names[j->package->type],
                        judge_matched(j, o), SLICE_FMT(name), SLICE_FMT(o->version.n ? o->version : SLICE("-")),
                        SLICE_FMT(bounds), SLICE_FMT(o->advisory->id));
}

static int condition_holds(struct judge_order k, struct slice version, struct slice condition, bool *holds,
                           struct err *e)
{
    static const struct {
        const char *op;
        int least, most; /* of the comparison's result */
        enum version_bound what;
    } ops[] = {{">=", 0, 1, VERSION_INTRODUCED},
               {"<", -1, -1, VERSION_FIXED},
               {"<=", -1, 0, VERSION_LAST_AFFECTED},
               {"=", 0, 0, VERSION_LISTED}};
    struct slice op, bound = condition;
    int c;
    if (slice_eq(condition, SLICE("any")) || slice_starts(condition, SLICE("without ")))
        return 0;
    if (slice_take_token(&bound, ' ', &op))
        for (size_t i = 0; i < ARRAY_LEN(ops); i++)
            if (slice_eq_str(op, ops[i].op)) {
                if (judge_compare(k, version, ops[i].what, bound, &c, e))
                    return -1;
                *holds &= c >= ops[i].least && c <= ops[i].most;
                return 0;
            }
    return err_set(e, ERR_POISON, 0, "not a rule's condition: %.*s", SLICE_FMT(slice_sub(condition, 0, 100)));
}

int judge_rule_holds(struct slice rule, bool *ret_holds, struct err *e)
{
    struct slice rest = rule, type, kind, name, version;
    struct judge_order k = {0};
    bool holds = true;
    ptrdiff_t end = slice_rfind(rule, '(');
    int of_type;
    if (end < 2 || !slice_take_token(&rest, ' ', &type) || !slice_take_token(&rest, ' ', &kind) ||
        !slice_take_token(&rest, ' ', &name) || !slice_take_token(&rest, ' ', &version) || rest.p >= rule.p + end ||
        (of_type = name_index(package_type_names, PKG_TYPE_MAX, type)) < 0 ||
        !ecosystem_of_type((enum package_type)of_type)->ordered ||
        (!slice_eq_str(kind, "source") && !slice_eq_str(kind, "binary") && !slice_eq_str(kind, "module") &&
         !slice_eq_str(kind, "package")))
        return err_set(e, ERR_POISON, 0, "not a rule: %.*s", SLICE_FMT(slice_sub(rule, 0, 200)));
    k.family = judge_family_of((enum package_type)of_type);
    k.kind = ecosystem_of_type((enum package_type)of_type)->version;
    k.source = slice_eq(kind, SLICE("source"));
    struct slice conditions = slice_trim(slice_of(rest.p, (size_t)(rule.p + end - rest.p)));
    ptrdiff_t and = slice_find_slice(conditions, SLICE(" and "));
    struct slice first = and < 0 ? conditions : slice_sub(conditions, 0, (size_t) and);
    if (condition_holds(k, version, first, &holds, e) ||
        (and >= 0 && condition_holds(k, version, slice_from(conditions, (size_t) and +5), &holds, e)))
        return -1;
    *ret_holds = holds;
    return 0;
}
