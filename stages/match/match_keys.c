/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match_internal.h"

#define DIGEST_MAX 200u

/* "sha256:" and 64 lower-case hexadecimal digits take a byte 1 and 32 bytes, any other digest a byte 0 and its text. */
static bool pack_sha256(struct slice digest, uint8_t to[33])
{
    static const char hex[] = "0123456789abcdef";
    if (digest.n != 71 || !slice_take_prefix(&digest, SLICE("sha256:")))
        return false;
    to[0] = 1;
    for (size_t i = 0; i < 32; i++) {
        const char *a = digest.p[2 * i] ? strchr(hex, digest.p[2 * i]) : NULL;
        const char *b = digest.p[2 * i + 1] ? strchr(hex, digest.p[2 * i + 1]) : NULL;
        if (!a || !b)
            return false;
        to[1 + i] = (uint8_t)((a - hex) << 4 | (b - hex));
    }
    return true;
}

int match_image_key_of(struct slice record_key, struct image_key *ret_key, struct err *e)
{
    struct slice digest;
    if (!slice_take_token(&record_key, ',', &digest) || !digest.n || digest.n > DIGEST_MAX)
        return err_set(e, ERR_POISON, 0, "the key does not begin with a digest");
    if (pack_sha256(digest, ret_key->b)) {
        ret_key->n = 33;
        return 0;
    }
    ret_key->b[0] = 0;
    memcpy(ret_key->b + 1, digest.p, digest.n);
    /* Ends the text, so that no key is the beginning of another. */
    ret_key->b[1 + digest.n] = 0;
    ret_key->n = digest.n + 2;
    return 0;
}

struct slice match_image_digest(struct slice ik, struct arena *arena)
{
    static const char hex[] = "0123456789abcdef";
    if (!ik.n || ik.p[0] != 1)
        return arena_slice(arena, slice_sub(ik, 1, ik.n >= 2 ? ik.n - 2 : 0));
    char text[71 + 1] = "sha256:";
    for (size_t i = 0; i < 32 && i + 1 < ik.n; i++) {
        text[7 + 2 * i] = hex[ik.p[1 + i] >> 4];
        text[8 + 2 * i] = hex[ik.p[1 + i] & 15];
    }
    return arena_slice(arena, slice_of(text, 71));
}

struct slice match_image_key_part(struct image_key *k, unsigned part)
{
    k->b[k->n] = (uint8_t)(part >> 8);
    k->b[k->n + 1] = (uint8_t)part;
    return slice_of(k->b, k->n + 2);
}

struct slice match_image_key_more(struct image_key *k, struct slice record_key)
{
    ptrdiff_t comma = slice_find(record_key, ',');
    struct hash128 h = hash128(comma < 0 ? SLICE("") : slice_from(record_key, (size_t)comma + 1));
    memcpy(k->b + k->n, h.b, sizeof h.b);
    return slice_of(k->b, k->n + sizeof h.b);
}

uint64_t match_name_hash(struct slice ecosystem, struct slice name, struct arena *arena)
{
    struct slice base = judge_ecosystem_base(ecosystem, arena);
    uint8_t both[16];
    key_u64(both, hash64(base));
    key_u64(both + 8, hash64(name));
    return hash64(slice_of(both, sizeof both));
}

uint64_t match_vulnerability_hash(struct slice id, struct arena *arena)
{
    uint8_t n[8];
    key_u64(n, hash64(id) % VULNERABILITY_NAMES);
    return match_name_hash(SLICE("(vulnerability)"), slice_of(n, sizeof n), arena);
}

int match_meta_get_u64(struct step *s, const char *name, uint64_t *ret_v, struct err *e)
{
    struct slice v;
    int got = store_get(s->txn, STEP_TABLE(s, T_META), slice_str(name), &v, e);
    if (got == 1 && v.n != 8)
        return err_set(e, ERR_FATAL, 0, "state: the row %s is damaged; delete the state folder", name);
    if (got == 1)
        *ret_v = key_get_u64(v.p);
    return got;
}

int match_meta_put_u64(struct step *s, const char *name, uint64_t v, struct err *e)
{
    uint8_t b[8];
    key_u64(b, v);
    return store_put(s->txn, STEP_TABLE(s, T_META), slice_str(name), slice_of(b, sizeof b), e);
}
