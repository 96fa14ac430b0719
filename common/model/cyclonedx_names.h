/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cyclonedx_names.h: the properties by which Careen's own CycloneDX documents say what CycloneDX has no field for. What
 * writes such a document (reports/report_format.h) and what reads one (images/sbom/cyclonedx_read.h) agree by these names;
 * they stay, since documents outlive programs.
 */
#ifndef CAREEN_MODEL_CYCLONEDX_NAMES_H
#define CAREEN_MODEL_CYCLONEDX_NAMES_H

/* Of the image, in metadata.properties; those behind the first may be there several times. */
#define CYCLONEDX_STATUS         "careen:status" /* inventory_status_names; only a document of Careen has it */
#define CYCLONEDX_REASON         "careen:reason"
#define CYCLONEDX_REASON_CODE    "careen:reason-code" /* a word of model/reason.h, of the reason before it */
#define CYCLONEDX_NOTE           "careen:note"
#define CYCLONEDX_NOTE_CODE      "careen:note-code" /* of the note before it */
#define CYCLONEDX_UNREAD         "careen:unread"    /* model/software.h, unread_pack */
#define CYCLONEDX_UNREAD_EXAMPLE "careen:unread-example"
#define CYCLONEDX_IMAGE_LAYER    "careen:image-layer" /* a digest; base first */
#define CYCLONEDX_SYSTEM         "careen:system"      /* the name of a system without an id, which is no component */

/* Of the operating-system component. */
#define CYCLONEDX_CODENAME    "careen:codename"
#define CYCLONEDX_LIKE        "careen:like"
#define CYCLONEDX_ECOSYSTEM   "careen:ecosystem"
#define CYCLONEDX_PRODUCT     "careen:product" /* several times */
#define CYCLONEDX_END_OF_LIFE "careen:end-of-life"

/* Of a package. */
#define CYCLONEDX_LAYER           "careen:layer"
#define CYCLONEDX_LOCATION        "careen:location"
#define CYCLONEDX_MODULE          "careen:module"
#define CYCLONEDX_VENDOR          "careen:vendor"
#define CYCLONEDX_NOT_JUDGED      "careen:not-judged"
#define CYCLONEDX_NOT_JUDGED_CODE "careen:not-judged-code"
#define CYCLONEDX_SCOPE           "careen:scope"     /* package_scope_names */
#define CYCLONEDX_CERTAINTY       "careen:certainty" /* package_certainty_names */
#define CYCLONEDX_EVIDENCE        "careen:evidence"
#define CYCLONEDX_PARENT          "careen:parent"
#define CYCLONEDX_WHY             "careen:why"
#define CYCLONEDX_OWNER           "careen:owner"
#define CYCLONEDX_ORIGIN          "careen:origin"
#define CYCLONEDX_SOURCE_UNKNOWN  "careen:source-unknown" /* "true", where no list said from which source it was built */

#endif
