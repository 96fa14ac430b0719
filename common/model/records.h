/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records.h: the nouns of Careen as plain structs: what topics carry, what the pure steps take and give.
 * bus/codec/codec.h turns them into Avro and back. All slices and arrays are owned by the arena of whoever decoded or
 * built the record.
 *
 * Times are milliseconds since 1970 UTC, 0 = unknown. Digests are text, "sha256:<64 hex>". Lists whose order has no
 * meaning (tags, aliases, packages, findings …) are sorted by whoever writes them, so that equal truth has equal bytes.
 * A slice that is absent is SLICE_NONE and reads back as empty or absent alike.
 */
#ifndef CAREEN_MODEL_RECORDS_H
#define CAREEN_MODEL_RECORDS_H

#include "base/arena.h"
#include "model/reason.h"

/* ---- discover ---- */

enum registry_action { ACTION_PUSH, ACTION_PULL, ACTION_DELETE, ACTION_WALK, ACTION_GONE, ACTION_MAX };
/* Topic registry-events, key registry/repository. walk and gone come from a registry's catalogue walk. */
struct registry_event {
    struct slice registry, repository, digest, tag, media_type, id, user_agent;
    enum registry_action action;
    int64_t at_ms;
};

enum tick_kind { TICK_RESCAN, TICK_WALK, TICK_WORKLOADS, TICK_FEEDS, TICK_MAX };
/*
 * Topic ticks, key "kind,partition": every partition gets every kind of tick. Who owns a partition acts on what hashes
 * to it: the images of that partition, the registries, clusters and feeds whose names hash_partition to it.
 */
struct tick {
    enum tick_kind kind;
    struct slice subject; /* the partition's number */
    int64_t at_ms;        /* the scheduled moment, not the moment of sending */
};

struct layer_ref {
    struct slice digest, diff_id, media_type;
    int64_t size;   /* compressed bytes, from the manifest */
    slice_vec urls; /* of foreign layers */
};
typedef VEC(struct layer_ref) layer_ref_vec;

#define IMAGE_NAMES_MAX ((size_t)1 << 20)
enum image_status {
    IMAGE_OK,
    IMAGE_UNREADABLE,     /* it may be read later */
    IMAGE_UNSUPPORTED,    /* an artifact: not an image */
    IMAGE_UNKNOWN_FORMAT, /* an image, as far as can be told, in a form that this version does not read */
    IMAGE_STATUS_MAX
};
/* Topic images, key registry/repository@digest, partitioned by digest. One platform's image; an index is not one. */
struct image {
    struct slice registry, repository, digest, media_type, config_digest;
    struct slice os, architecture, variant, os_version;
    slice_vec tags;       /* of the manifest and of the indexes that name it */
    slice_vec indexes;    /* digests of those indexes */
    layer_ref_vec layers; /* base first */
    int64_t created_ms, pushed_ms, pulled_ms, first_seen_ms;
    enum image_status status;
    struct reason reason;   /* why it is not IMAGE_OK */
    int32_t read_version;   /* MANIFEST_READ_VERSION of whoever read it; 0: before there was one */
    int64_t unwatched_ms;   /* since when its registry or repository is not configured any more; 0: it is */
    int32_t names_left_out; /* tags and indexes beyond IMAGE_NAMES_MAX bytes of each */
};
typedef VEC(struct image) image_vec;

/* Topic workloads, key digest, cluster/namespace/owner/container, partitioned by digest. */
struct workload {
    struct slice digest, cluster, ns, owner_kind, owner, container, image;
    int32_t running; /* containers */
    int64_t started_ms;
    /*
     * What the cluster calls the image when that is not its manifest's digest: an index that names it, or its config.
     * Empty: it is `digest`. /
     */
    struct slice reported;
    struct slice platform; /* of the node: "linux/arm64"; empty: not told */
    bool platform_assumed; /* digest was chosen among an index's images without knowing it */
};
typedef VEC(struct workload) workload_vec;

enum layer_priority { PRIORITY_PUSH, PRIORITY_RUNNING, PRIORITY_TAGGED, PRIORITY_BACKFILL, PRIORITY_MAX };
/* Topic layers, key "layer digest, registry/repository@image digest", partitioned by layer digest. */
struct layer {
    struct slice digest, registry, repository, image_digest, media_type;
    int64_t size;
    slice_vec urls;
    enum layer_priority priority;
    int32_t index; /* place in the image, 0 = base */
};

/* ---- pull ---- */

enum pull_status {
    PULL_GOOD,
    PULL_PARTIAL,
    PULL_FAILED,
    PULL_FOREIGN, /* its bytes are held by its publisher only, and were not asked for there */
    PULL_STATUS_MAX
};
struct collector_ref {
    struct slice name;
    int32_t version;
};
typedef VEC(struct collector_ref) collector_ref_vec;
/* Topic pulls, key layer digest: the receipt. PULL_FAILED with retry_ms is tried again then; without, never.
 * PULL_FOREIGN is tried again when another image names the layer. */
struct pull {
    struct slice digest, registry, repository, media_type, evidence_digest;
    enum pull_status status;
    struct reasons reasons;
    int32_t attempts, chunks;
    int64_t pulled_ms, retry_ms, size, unpacked_size, entries;
    collector_ref_vec collectors;
    struct slice path_index; /* bytes: a bounded Bloom filter of the layer's paths */
    int32_t passes;          /* over its bytes; 0: by a version that followed no hard links */
};

/* Topic layer-contents, key "layer digest, chunk". bytes: a piece of the zstd stream of docs/formats/evidence.md. */
struct layer_content {
    struct slice digest;
    int32_t chunk, chunks;
    struct slice bytes;
};

/* ---- inventory ---- */

/*
 * Which package manager, or which kind of installation, knows a package. Append only: the numbers stand in states and
 * in parsed layers (tests/unit/model/test_records.c checks them); records and outputs have the names.
 */
enum package_type {
    PKG_UNKNOWN,
    PKG_DPKG,
    PKG_APK,
    PKG_RPM,
    PKG_OPKG,
    PKG_PACMAN,
    PKG_PORTAGE,
    PKG_NIX,
    PKG_BOTTLEROCKET,
    PKG_WINDOWS, /* the product with its build, and the installed updates: KB5034129 */
    PKG_PYPI,
    PKG_NPM,
    PKG_MAVEN,
    PKG_GOLANG,
    PKG_CARGO,
    PKG_NUGET,
    PKG_COMPOSER,
    PKG_GEM,
    PKG_HEX,
    PKG_OTP, /* applications of Erlang/OTP itself, and OTP */
    PKG_PUB,
    PKG_SWIFT,
    PKG_CONAN,
    PKG_CPAN,
    PKG_CRAN,
    PKG_BIOCONDUCTOR,
    PKG_LUAROCKS,
    PKG_HACKAGE,
    PKG_JULIA,
    PKG_BITNAMI,
    PKG_CONDA,
    PKG_PEAR, /* PECL too */
    PKG_WORDPRESS,
    PKG_VCPKG,
    PKG_OPAM,
    PKG_JVM,     /* a Java runtime or development kit */
    PKG_GENERIC, /* an interpreter, a runtime, a program that is known by its own identity: "python", "nginx" */
    PKG_TYPE_MAX
};
/* What a package is there for, as far as its list says. Append only, like package_type. */
enum package_scope { SCOPE_UNKNOWN, SCOPE_RUNTIME, SCOPE_DEVELOPMENT, SCOPE_OPTIONAL, SCOPE_MAX };
/* How sure it is that a package is really there. Append only, like package_type. */
enum package_certainty {
    CERTAINTY_UNKNOWN,
    CERTAINTY_INSTALLED, /* a package manager's record, or the package's own files where it runs from */
    CERTAINTY_DECLARED,  /* something wishes for it: a lock file, a manifest; nothing proves that it was installed */
    CERTAINTY_GUESSED,   /* a file's name or its bytes suggest it */
    CERTAINTY_MAX
};
struct package {
    enum package_type type;
    enum package_scope scope;
    enum package_certainty certainty;
    /* Whose advisories judge it: "Debian:12". Set by assembly; empty: those of the image's system (os_info). */
    struct slice ecosystem;
    struct slice ns;   /* what its name is unique within, as in its purl: "@angular", "org.slf4j"; empty: nothing */
    struct slice name; /* without ns */
    struct slice version, architecture;          /* version as the package manager prints it, epoch included */
    struct slice source_name, source_version;    /* SLICE_NONE when the same as name, version */
    struct slice module, vendor, location, purl; /* location: what says so, a path: "app.war!/WEB-INF/lib/a.jar" */
    struct slice evidence; /* what that is, by the name of its parser: "dpkg-status"; set by assembly */
    struct slice parent;   /* name of the package, or path of the file, that bundles it; empty: nothing does */
    struct slice why; /* half a sentence: why its certainty is what it is, what is special about it; empty: nothing */
    struct slice origin; /* where it came from when that is not its registry: "git+https://…@commit"; empty: not told */
    /* Name of the operating system's package that brought the file at its location; empty: none. Set by assembly. */
    struct slice owner;
    /* Why its distribution's advisories don't speak of it ("its vendor is …"); empty: they do. Set by assembly. */
    struct reason not_judged;
    /*
     * For a product with updates: the names of those that are installed, sorted: "KB5034129,KB5035857"; empty: not
     * known.
     */
    struct slice updates;
    struct slice layer; /* digest of the layer that brought it; set by assembly */
    /*
     * Nothing says from which source it was built, though advisories of its kind go by source and may miss it. Whoever reads
     * such a list sets it: judging then says so of each package that no advisory speaks of.
     */
    bool source_unknown;
};
typedef VEC(struct package) package_vec;
/* Where a package's texts are, all but its layer: for who copies or encodes every one of them. */
#define PACKAGE_TEXTS 19
extern const uint16_t package_text_at[PACKAGE_TEXTS]; /* offsets */
static inline struct slice *package_text(struct package *p, size_t i)
{
    return (struct slice *)(void *)((uint8_t *)p + package_text_at[i]);
}
static inline struct slice package_text_of(const struct package *p, size_t i)
{
    return *(const struct slice *)(const void *)((const uint8_t *)p + package_text_at[i]);
}

struct fact {
    struct slice name, value;
};
typedef VEC(struct fact) fact_vec;

/* What one file of a layer says: the packages of a database, the facts in os-release. */
struct parsed_file {
    struct slice path;   /* canonical: no leading slash, no "." or ".." */
    struct slice parser; /* "dpkg-status", "apk-installed", "os-release" … */
    fact_vec facts;
    package_vec packages;
};
typedef VEC(struct parsed_file) parsed_file_vec;

struct removal {
    struct slice path;
    bool opaque; /* the folder's content from lower layers, not the folder */
};
typedef VEC(struct removal) removal_vec;

/*
 * Topic layer-packages, key "image digest, layer digest", partitioned by image digest. One layer, parsed. What is more
 * than a record holds is split: "image digest, layer digest,part n" from the second part on, and parts of one set
 * belong together.
 */
struct layer_packages {
    struct slice image_digest, layer_digest;
    int32_t parser_version;
    enum pull_status status;
    bool final; /* false: a failed layer that will be tried again */
    struct reasons reasons;
    parsed_file_vec files; /* a file that a part ends within goes on in the next, under the same path */
    removal_vec removed;
    int32_t part, parts; /* 0 of 1 unless it is split */
    int64_t set;         /* of what the parts were made */
};

/* Software of one kind that was seen and that nothing here judges: model/software.h. */
struct unread {
    struct slice kind;  /* "java", "nodejs" … */
    int64_t count;      /* of files that are one, or components of an SBOM */
    bool at_least;      /* there were more than could be kept apart */
    slice_vec examples; /* paths, of an SBOM names; a few, sorted */
};
typedef VEC(struct unread) unread_vec;

enum inventory_status { INVENTORY_COMPLETE, INVENTORY_PARTIAL, INVENTORY_FAILED, INVENTORY_STATUS_MAX };
struct os_info {
    struct slice id, version_id, codename, name,
        id_like;              /* os-release ID, VERSION_ID, VERSION_CODENAME, PRETTY_NAME, ID_LIKE */
    struct slice ecosystem;   /* whose advisories hold: "Debian:12", "Alpine:v3.20"; empty: nobody's */
    slice_vec products;       /* of that publisher, beside the system itself: "rhel_eus:9.4"; sorted */
    struct slice end_of_life; /* 2026-06-30: the last day on which its publisher maintains it; empty: not known */
};
/* Topic inventories, key image digest. */
struct inventory {
    struct slice image_digest;
    enum inventory_status status;
    struct reasons reasons;
    struct reasons notes; /* what a person should know that hides nothing: a system past its end of life … */
    unread_vec unread;    /* sorted by kind. status speaks of what is read: it may be complete and this not empty */
    int32_t parser_version;
    struct os_info os;
    slice_vec layers;
    package_vec packages;
    int32_t part, parts; /* 0 of 1 unless it is split to fit a record */
};

/* ---- feeds ---- */

enum verdict {
    VERDICT_AFFECTED,     /* in the ranges or versions below */
    VERDICT_NOT_AFFECTED, /* the publisher says so, overriding others of the same id */
    VERDICT_WONT_FIX,
    VERDICT_END_OF_LIFE,
    VERDICT_UNDER_INVESTIGATION,
    VERDICT_NEEDS_SUBSCRIPTION, /* the fix is published to subscribers only */
    VERDICT_MAX
};
/* What an advisory tells of. Append only: the numbers stand in rows of databases. */
enum advisory_kind {
    ADVISORY_VULNERABILITY,
    ADVISORY_MALICIOUS, /* the package is an attack */
    ADVISORY_NOTICE,    /* nobody maintains it, it is unsound …: to be known, and no vulnerability */
    ADVISORY_KIND_MAX
};
enum name_kind { NAME_SOURCE, NAME_BINARY, NAME_EITHER, NAME_KIND_MAX };
struct version_range {
    struct slice introduced, fixed, last_affected; /* introduced "0" or absent: from the beginning */
};
typedef VEC(struct version_range) version_range_vec;
struct score {
    struct slice source, kind, vector; /* kind: "CVSS:3.1", "Ubuntu", "urgency" …; vector or word */
};
typedef VEC(struct score) score_vec;
/* Topic advisories, key "ecosystem, package, advisory". */
struct advisory {
    struct slice ecosystem, package, id, feed;
    enum name_kind name_kind;
    enum verdict verdict;
    version_range_vec ranges;
    slice_vec versions; /* exact affected versions beside the ranges */
    slice_vec fixed_by; /* names of installed updates that fix it, superseding ones included: "KB5034129" */
    slice_vec cves;     /* CVE ids it is about, sorted; empty: its own id stands */
    slice_vec aliases, architectures;
    slice_vec systems; /* operating systems that it is limited to: "windows"; empty: all */
    slice_vec symbols; /* what of the package is affected, as published: "golang.org/x/net/html: Parse" */
    enum advisory_kind kind;
    struct slice module, severity; /* severity: the publisher's own word, as published */
    score_vec scores;
    struct slice fix_reference; /* "DSA-5532-1" … */
    int64_t published_ms, modified_ms;
};
typedef VEC(struct advisory) advisory_vec;

struct exploit {
    struct slice source, id, url, kind; /* source "exploit-db", "metasploit"; kind dos, local, remote, webapps … */
    bool verified;
};
typedef VEC(struct exploit) exploit_vec;
/* Topic vulnerabilities, key "id, feed": what one feed knows of a CVE or advisory id. publish joins the feeds. */
struct vulnerability {
    struct slice id, feed, summary, details;
    slice_vec aliases, references, cwes;
    score_vec scores;
    exploit_vec exploits;
    bool kev, kev_ransomware;
    struct slice kev_due, kev_added; /* dates as published */
    double epss, epss_percentile;    /* 0..1; negative: unknown */
    int64_t published_ms, modified_ms;
    bool withdrawn;
};

/* ---- match ---- */

enum severity {
    SEVERITY_UNKNOWN,
    SEVERITY_NEGLIGIBLE,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITY_MAX
};
struct source_ref {
    struct slice feed, advisory;
};
typedef VEC(struct source_ref) source_ref_vec;
/*
 * One vulnerability in one package of one image. Unique by (vulnerability, type, ns, package, version, architecture,
 * location).
 */
struct finding {
    struct slice vulnerability; /* CVE id where there is one, else the advisory's id */
    source_ref_vec sources;
    enum package_type type;
    enum package_scope scope; /* this and what follows is the package's, by the same names */
    enum package_certainty certainty;
    struct slice ecosystem; /* whose advisories these are */
    struct slice ns, package, version, architecture, source_name, source_version, location, evidence, parent, layer;
    struct slice why, owner;
    enum advisory_kind kind;
    slice_vec aliases; /* all other ids of it that its advisories name, sorted */
    slice_vec symbols; /* as in the advisories, sorted */
    struct slice rule; /* why: "source <name> <version> < <fixed>" in words that can be re-run */
    enum verdict verdict;
    struct slice fixed_version, fix_reference;
    enum severity severity;
    struct slice severity_source; /* "Debian", "CVSS:3.1" … */
    score_vec scores;
};
typedef VEC(struct finding) finding_vec;
/* Topic findings, key image digest. */
struct findings {
    struct slice image_digest;
    struct slice ecosystem; /* of the image's system; each finding has its own */
    enum inventory_status status;
    struct reasons reasons;
    int32_t packages; /* how many packages were judged */
    finding_vec findings;
    int32_t part, parts;
};

/* ---- publish ---- */

/* Topic exemptions, key exemption id. */
struct exemption {
    struct slice id, vulnerability, package, image_digest, repository, reason, category;
    int64_t created_ms, expires_ms;
};

enum assessment_code {
    ASSESSED_HEALTHY,
    ASSESSED_UNHEALTHY,
    ASSESSED_NOT_APPLICABLE,
    ASSESSED_UNVERIFIED,
    ASSESSED_MAX
};
/* Topic recommendations, key resource id, partitioned by image digest. */
struct recommendation {
    struct slice resource_id;    /* registry/repository@digest, or cluster/namespace/owner/container@digest */
    struct slice assessment_key; /* 33422d8f-… registry images, e9acaf48-… running containers */
    struct slice image_digest, registry, repository, cluster, ns, owner, container;
    slice_vec tags;
    enum assessment_code code;
    struct reasons reasons;
    struct slice description, remediation;
    int32_t critical, high, medium, low, negligible, unknown; /* findings */
    int32_t counted;                                          /* findings that make it unhealthy (model/policy.h) */
    int32_t fixable, fixable_with_subscription, known_exploited, exploit_public;
    double top_epss;
    struct slice end_of_life; /* 2026-06-30: the last day on which its publisher maintains it; empty: not known */
    bool ended;               /* that day is past, by the newest tick */
};

enum alert_kind {
    ALERT_APPEARED, /* a finding of an image */
    ALERT_CHANGED,
    ALERT_RESOLVED,
    ALERT_ADDED, /* an image with findings came to a place: a repository, or a container that runs it */
    ALERT_GONE,  /* and left it */
    ALERT_KIND_MAX
};
enum alert_cause {
    ALERT_CAUSE_UNKNOWN,
    ALERT_IMAGE_PUSHED,              /* the registry told of it */
    ALERT_IMAGE_FOUND,               /* a walk of the registry found it */
    ALERT_IMAGE_ADDED_TO_REPOSITORY, /* of an image that was known from elsewhere */
    ALERT_IMAGE_DELETED,
    ALERT_WORKLOAD_STARTED,
    ALERT_WORKLOAD_STOPPED,
    ALERT_INVENTORY_CHANGED,
    ALERT_ADVISORY_CHANGED,
    ALERT_ADVISORY_WITHDRAWN,
    ALERT_FIX_PUBLISHED,
    ALERT_EXPLOITED,
    ALERT_EXPLOIT_PUBLISHED,
    ALERT_EXEMPTED,
    ALERT_CAUSE_MAX
};
/* Topic alerts, key image digest. id is the same whenever the same thing is told again (publish/alerts.h). */
struct alert {
    struct slice id, image_digest, vulnerability, package, version, architecture, location, package_type;
    struct slice ecosystem, ns, parent; /* of the package, as in findings */
    enum alert_kind kind;
    slice_vec resources; /* registry/repository@digest and workloads that use the image */
    enum severity severity;
    enum verdict verdict;
    struct slice fixed_version, old_fixed_version, cause; /* cause: cause_code in words */
    enum severity old_severity;
    bool known_exploited, exploit_public;
    double epss;
    int64_t at_ms;
    enum alert_cause cause_code;
    int32_t sequence; /* of the finding or the place, from 1; 0 in older records */
    struct slice type, title, link, fix_reference, old_verdict, kev_added, kev_due;
    bool counted; /* it makes the image unhealthy (model/policy.h) */
    int32_t findings, critical, high, medium, low, negligible, unknown, places_left; /* of added and gone */
};

/* ---- every stage ---- */

/* Topic dead-letters, key the original key. */
struct dead_letter {
    struct slice stage, topic, reason, key, value;
    int32_t partition;
    int64_t offset, at_ms;
};

/* Names as records and JSON spell them; index = enum value, sized by its _MAX. */
extern const char *const registry_action_names[];
extern const char *const tick_kind_names[];
extern const char *const image_status_names[];
extern const char *const layer_priority_names[];
extern const char *const pull_status_names[];
extern const char *const package_type_names[];
extern const char *const package_scope_names[];
extern const char *const package_certainty_names[];
extern const char *const inventory_status_names[];
extern const char *const verdict_names[];
extern const char *const name_kind_names[];
extern const char *const advisory_kind_names[];
extern const char *const severity_names[];
extern const char *const assessment_code_names[];
extern const char *const alert_kind_names[];
extern const char *const alert_cause_names[];
/* Index of name in names, or -1. */
int name_index(const char *const *names, int n, struct slice name);
/* Sorts bytewise and drops repeats. */
void slice_vec_sort(slice_vec *v);
bool slice_vec_add(struct arena *a, slice_vec *v, struct slice s); /* false past the arena's maximum */

#endif
