/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/codec/codec_tables.h"

/* One line a field. */
/* clang-format off */
#define FIELD(kind, member, name) {name, kind, 0, offsetof(struct RECORD, member), NULL, NULL}
#define STRING(member) FIELD(FIELD_STRING, member, #member)
#define BYTES(member) FIELD(FIELD_BYTES, member, #member)
#define INT(member) FIELD(FIELD_INT, member, #member)
#define LONG(member) FIELD(FIELD_LONG, member, #member)
#define TIME(member, name) FIELD(FIELD_TIME, member, name)
#define DOUBLE(member) FIELD(FIELD_DOUBLE, member, #member)
#define BOOL(member) FIELD(FIELD_BOOL, member, #member)
#define STRINGS(member) FIELD(FIELD_STRINGS, member, #member)
#define ENUM(member, names, max) {#member, FIELD_ENUM, max, offsetof(struct RECORD, member), names, NULL}
/* A sentence and its code, or a list of these: the texts' field keeps the name it had before there were codes. */
#define REASON(member) FIELD(FIELD_STRING, member.text, #member), FIELD(FIELD_STRING, member.code, #member "_code")
#define REASONS(member, codes_name) \
    FIELD(FIELD_STRINGS, member.texts, #member), FIELD(FIELD_STRINGS, member.codes, codes_name)
#define RECORDS(member, table) {#member, FIELD_RECORDS, 0, offsetof(struct RECORD, member), NULL, &(table)}
#define INLINE(member, table) {#member, FIELD_RECORD, 0, offsetof(struct RECORD, member), NULL, &(table)}
#define TABLE(record) {#record, sizeof(struct record), ARRAY_LEN(record##_fields), record##_fields}

#define RECORD registry_event
static const struct codec_field registry_event_fields[] = {
    STRING(registry),
    STRING(repository),
    STRING(digest),
    STRING(tag),
    STRING(media_type),
    STRING(id),
    STRING(user_agent),
    ENUM(action, registry_action_names, ACTION_MAX),
    TIME(at_ms, "at"),
};
#undef RECORD
static const struct codec_table registry_event_table = TABLE(registry_event);

#define RECORD tick
static const struct codec_field tick_fields[] = {
    ENUM(kind, tick_kind_names, TICK_MAX),
    STRING(subject),
    TIME(at_ms, "at"),
};
#undef RECORD
static const struct codec_table tick_table = TABLE(tick);

#define RECORD layer_ref
static const struct codec_field layer_ref_fields[] = {
    STRING(digest),
    STRING(diff_id),
    STRING(media_type),
    LONG(size),
    STRINGS(urls),
};
#undef RECORD
static const struct codec_table layer_ref_table = TABLE(layer_ref);

#define RECORD image
static const struct codec_field image_fields[] = {
    STRING(registry),
    STRING(repository),
    STRING(digest),
    STRING(media_type),
    STRING(config_digest),
    STRING(os),
    STRING(architecture),
    STRING(variant),
    STRING(os_version),
    STRINGS(tags),
    STRINGS(indexes),
    RECORDS(layers, layer_ref_table),
    TIME(created_ms, "created_at"),
    TIME(pushed_ms, "pushed_at"),
    TIME(pulled_ms, "pulled_at"),
    TIME(first_seen_ms, "first_seen_at"),
    ENUM(status, image_status_names, IMAGE_STATUS_MAX),
    REASON(reason),
    INT(read_version),
    TIME(unwatched_ms, "unwatched_at"),
    INT(names_left_out),
};
#undef RECORD
static const struct codec_table image_table = TABLE(image);

#define RECORD workload
static const struct codec_field workload_fields[] = {
    STRING(digest),
    STRING(cluster),
    FIELD(FIELD_STRING, ns, "namespace"),
    STRING(owner_kind),
    STRING(owner),
    STRING(container),
    STRING(image),
    INT(running),
    TIME(started_ms, "started_at"),
    FIELD(FIELD_STRING, reported, "reported_digest"),
    STRING(platform),
    BOOL(platform_assumed),
};
#undef RECORD
static const struct codec_table workload_table = TABLE(workload);

#define RECORD layer
static const struct codec_field layer_fields[] = {
    STRING(digest),
    STRING(registry),
    STRING(repository),
    STRING(image_digest),
    STRING(media_type),
    LONG(size),
    STRINGS(urls),
    ENUM(priority, layer_priority_names, PRIORITY_MAX),
    INT(index),
};
#undef RECORD
static const struct codec_table layer_table = TABLE(layer);

#define RECORD collector_ref
static const struct codec_field collector_ref_fields[] = {
    STRING(name),
    INT(version),
};
#undef RECORD
static const struct codec_table collector_ref_table = TABLE(collector_ref);

#define RECORD pull
static const struct codec_field pull_fields[] = {
    STRING(digest),
    STRING(registry),
    STRING(repository),
    STRING(media_type),
    STRING(evidence_digest),
    ENUM(status, pull_status_names, PULL_STATUS_MAX),
    REASONS(reasons, "reason_codes"),
    INT(attempts),
    INT(chunks),
    TIME(pulled_ms, "pulled_at"),
    TIME(retry_ms, "retry_at"),
    LONG(size),
    LONG(unpacked_size),
    LONG(entries),
    RECORDS(collectors, collector_ref_table),
    BYTES(path_index),
    INT(passes),
};
#undef RECORD
static const struct codec_table pull_table = TABLE(pull);

#define RECORD layer_content
static const struct codec_field layer_content_fields[] = {
    STRING(digest),
    INT(chunk),
    INT(chunks),
    BYTES(bytes),
};
#undef RECORD
static const struct codec_table layer_content_table = TABLE(layer_content);

#define RECORD fact
static const struct codec_field fact_fields[] = {
    STRING(name),
    STRING(value),
};
#undef RECORD
static const struct codec_table fact_table = TABLE(fact);

#define RECORD package
static const struct codec_field package_fields[] = {
    ENUM(type, package_type_names, PKG_TYPE_MAX),
    STRING(name),
    STRING(version),
    STRING(architecture),
    STRING(source_name),
    STRING(source_version),
    STRING(module),
    STRING(vendor),
    STRING(location),
    STRING(purl),
    REASON(not_judged),
    STRING(updates),
    STRING(layer),
    STRING(ecosystem),
    FIELD(FIELD_STRING, ns, "namespace"),
    ENUM(scope, package_scope_names, SCOPE_MAX),
    STRING(parent),
    STRING(evidence),
    ENUM(certainty, package_certainty_names, CERTAINTY_MAX),
    BOOL(source_unknown),
    STRING(why),
    STRING(origin),
    STRING(owner),
};
#undef RECORD
static const struct codec_table package_table = TABLE(package);

#define RECORD parsed_file
static const struct codec_field parsed_file_fields[] = {
    STRING(path),
    STRING(parser),
    RECORDS(facts, fact_table),
    RECORDS(packages, package_table),
};
#undef RECORD
static const struct codec_table parsed_file_table = TABLE(parsed_file);

#define RECORD removal
static const struct codec_field removal_fields[] = {
    STRING(path),
    BOOL(opaque),
};
#undef RECORD
static const struct codec_table removal_table = TABLE(removal);

#define RECORD layer_packages
static const struct codec_field layer_packages_fields[] = {
    STRING(image_digest),
    STRING(layer_digest),
    INT(parser_version),
    ENUM(status, pull_status_names, PULL_STATUS_MAX),
    BOOL(final),
    REASONS(reasons, "reason_codes"),
    RECORDS(files, parsed_file_table),
    RECORDS(removed, removal_table),
    INT(part),
    INT(parts),
    LONG(set),
};
#undef RECORD
static const struct codec_table layer_packages_table = TABLE(layer_packages);

#define RECORD os_info
static const struct codec_field os_info_fields[] = {
    STRING(id),
    STRING(version_id),
    STRING(codename),
    STRING(name),
    STRING(id_like),
    STRING(ecosystem),
    STRINGS(products),
    STRING(end_of_life),
};
#undef RECORD
static const struct codec_table os_info_table = TABLE(os_info);

#define RECORD unread
static const struct codec_field unread_fields[] = {
    STRING(kind),
    LONG(count),
    BOOL(at_least),
    STRINGS(examples),
};
#undef RECORD
static const struct codec_table unread_table = TABLE(unread);

#define RECORD inventory
static const struct codec_field inventory_fields[] = {
    STRING(image_digest),
    ENUM(status, inventory_status_names, INVENTORY_STATUS_MAX),
    REASONS(reasons, "reason_codes"),
    REASONS(notes, "note_codes"),
    RECORDS(unread, unread_table),
    INT(parser_version),
    INLINE(os, os_info_table),
    STRINGS(layers),
    RECORDS(packages, package_table),
    INT(part),
    INT(parts),
};
#undef RECORD
static const struct codec_table inventory_table = TABLE(inventory);

#define RECORD version_range
static const struct codec_field version_range_fields[] = {
    STRING(introduced),
    STRING(fixed),
    STRING(last_affected),
};
#undef RECORD
static const struct codec_table version_range_table = TABLE(version_range);

#define RECORD score
static const struct codec_field score_fields[] = {
    STRING(source),
    STRING(kind),
    STRING(vector),
};
#undef RECORD
static const struct codec_table score_table = TABLE(score);

#define RECORD advisory
static const struct codec_field advisory_fields[] = {
    STRING(ecosystem),
    STRING(package),
    STRING(id),
    STRING(feed),
    ENUM(name_kind, name_kind_names, NAME_KIND_MAX),
    ENUM(verdict, verdict_names, VERDICT_MAX),
    RECORDS(ranges, version_range_table),
    STRINGS(versions),
    STRINGS(fixed_by),
    STRINGS(cves),
    STRINGS(aliases),
    STRINGS(architectures),
    STRING(module),
    STRING(severity),
    RECORDS(scores, score_table),
    STRING(fix_reference),
    TIME(published_ms, "published_at"),
    TIME(modified_ms, "modified_at"),
    STRINGS(systems),
    STRINGS(symbols),
    ENUM(kind, advisory_kind_names, ADVISORY_KIND_MAX),
};
#undef RECORD
static const struct codec_table advisory_table = TABLE(advisory);

#define RECORD exploit
static const struct codec_field exploit_fields[] = {
    STRING(source),
    STRING(id),
    STRING(url),
    STRING(kind),
    BOOL(verified),
};
#undef RECORD
static const struct codec_table exploit_table = TABLE(exploit);

#define RECORD vulnerability
static const struct codec_field vulnerability_fields[] = {
    STRING(id),
    STRING(feed),
    STRING(summary),
    STRING(details),
    STRINGS(aliases),
    STRINGS(references),
    STRINGS(cwes),
    RECORDS(scores, score_table),
    RECORDS(exploits, exploit_table),
    BOOL(kev),
    BOOL(kev_ransomware),
    STRING(kev_due),
    STRING(kev_added),
    DOUBLE(epss),
    DOUBLE(epss_percentile),
    TIME(published_ms, "published_at"),
    TIME(modified_ms, "modified_at"),
    BOOL(withdrawn),
};
#undef RECORD
static const struct codec_table vulnerability_table = TABLE(vulnerability);

#define RECORD source_ref
static const struct codec_field source_ref_fields[] = {
    STRING(feed),
    STRING(advisory),
};
#undef RECORD
static const struct codec_table source_ref_table = TABLE(source_ref);

#define RECORD finding
static const struct codec_field finding_fields[] = {
    STRING(vulnerability),
    RECORDS(sources, source_ref_table),
    ENUM(type, package_type_names, PKG_TYPE_MAX),
    STRING(package),
    STRING(version),
    STRING(architecture),
    STRING(source_name),
    STRING(source_version),
    STRING(location),
    STRING(layer),
    STRING(rule),
    ENUM(verdict, verdict_names, VERDICT_MAX),
    STRING(fixed_version),
    STRING(fix_reference),
    ENUM(severity, severity_names, SEVERITY_MAX),
    STRING(severity_source),
    RECORDS(scores, score_table),
    STRING(ecosystem),
    FIELD(FIELD_STRING, ns, "namespace"),
    ENUM(scope, package_scope_names, SCOPE_MAX),
    STRING(parent),
    STRING(evidence),
    ENUM(certainty, package_certainty_names, CERTAINTY_MAX),
    STRING(why),
    STRING(owner),
    ENUM(kind, advisory_kind_names, ADVISORY_KIND_MAX),
    STRINGS(aliases),
    STRINGS(symbols),
};
#undef RECORD
static const struct codec_table finding_table = TABLE(finding);

#define RECORD findings
static const struct codec_field findings_fields[] = {
    STRING(image_digest),
    STRING(ecosystem),
    ENUM(status, inventory_status_names, INVENTORY_STATUS_MAX),
    REASONS(reasons, "reason_codes"),
    INT(packages),
    RECORDS(findings, finding_table),
    INT(part),
    INT(parts),
};
#undef RECORD
static const struct codec_table findings_table = TABLE(findings);

#define RECORD exemption
static const struct codec_field exemption_fields[] = {
    STRING(id),
    STRING(vulnerability),
    STRING(package),
    STRING(image_digest),
    STRING(repository),
    STRING(reason),
    STRING(category),
    TIME(created_ms, "created_at"),
    TIME(expires_ms, "expires_at"),
};
#undef RECORD
static const struct codec_table exemption_table = TABLE(exemption);

#define RECORD recommendation
static const struct codec_field recommendation_fields[] = {
    STRING(resource_id),
    STRING(assessment_key),
    STRING(image_digest),
    STRING(registry),
    STRING(repository),
    STRING(cluster),
    FIELD(FIELD_STRING, ns, "namespace"),
    STRING(owner),
    STRING(container),
    STRINGS(tags),
    ENUM(code, assessment_code_names, ASSESSED_MAX),
    REASONS(reasons, "reason_codes"),
    STRING(description),
    STRING(remediation),
    INT(critical),
    INT(high),
    INT(medium),
    INT(low),
    INT(negligible),
    INT(unknown),
    INT(counted),
    INT(fixable),
    INT(fixable_with_subscription),
    INT(known_exploited),
    INT(exploit_public),
    DOUBLE(top_epss),
    STRING(end_of_life),
    BOOL(ended),
};
#undef RECORD
static const struct codec_table recommendation_table = TABLE(recommendation);

#define RECORD alert
static const struct codec_field alert_fields[] = {
    STRING(id),
    STRING(image_digest),
    STRING(vulnerability),
    STRING(package),
    STRING(version),
    STRING(architecture),
    STRING(location),
    STRING(package_type),
    ENUM(kind, alert_kind_names, ALERT_KIND_MAX),
    STRINGS(resources),
    ENUM(severity, severity_names, SEVERITY_MAX),
    ENUM(verdict, verdict_names, VERDICT_MAX),
    STRING(fixed_version),
    STRING(old_fixed_version),
    STRING(cause),
    ENUM(old_severity, severity_names, SEVERITY_MAX),
    BOOL(known_exploited),
    BOOL(exploit_public),
    DOUBLE(epss),
    TIME(at_ms, "at"),
    ENUM(cause_code, alert_cause_names, ALERT_CAUSE_MAX),
    INT(sequence),
    STRING(type),
    STRING(title),
    STRING(link),
    STRING(fix_reference),
    STRING(old_verdict),
    STRING(kev_added),
    STRING(kev_due),
    BOOL(counted),
    INT(findings),
    INT(critical),
    INT(high),
    INT(medium),
    INT(low),
    INT(negligible),
    INT(unknown),
    INT(places_left),
    STRING(ecosystem),
    FIELD(FIELD_STRING, ns, "namespace"),
    STRING(parent),
};
#undef RECORD
static const struct codec_table alert_table = TABLE(alert);

#define RECORD dead_letter
static const struct codec_field dead_letter_fields[] = {
    STRING(stage),
    STRING(topic),
    STRING(reason),
    BYTES(key),
    BYTES(value),
    INT(partition),
    LONG(offset),
    TIME(at_ms, "at"),
};
#undef RECORD
static const struct codec_table dead_letter_table = TABLE(dead_letter);

const struct codec_table *const codec_tables[TOPIC_MAX] = {
    [TOPIC_REGISTRY_EVENTS] = &registry_event_table,
    [TOPIC_TICKS] = &tick_table,
    [TOPIC_IMAGES] = &image_table,
    [TOPIC_WORKLOADS] = &workload_table,
    [TOPIC_LAYERS] = &layer_table,
    [TOPIC_PULLS] = &pull_table,
    [TOPIC_LAYER_CONTENTS] = &layer_content_table,
    [TOPIC_LAYER_PACKAGES] = &layer_packages_table,
    [TOPIC_INVENTORIES] = &inventory_table,
    [TOPIC_ADVISORIES] = &advisory_table,
    [TOPIC_VULNERABILITIES] = &vulnerability_table,
    [TOPIC_FINDINGS] = &findings_table,
    [TOPIC_EXEMPTIONS] = &exemption_table,
    [TOPIC_RECOMMENDATIONS] = &recommendation_table,
    [TOPIC_ALERTS] = &alert_table,
    [TOPIC_DEAD_LETTERS] = &dead_letter_table,
};
