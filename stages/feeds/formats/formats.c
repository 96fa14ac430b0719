/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/formats/formats.h"

#define FEED_FORMAT_ROW(name) {#name, format_##name},
const struct feed_format feed_formats[] = {FEED_FORMATS(FEED_FORMAT_ROW)};
#undef FEED_FORMAT_ROW
const size_t feed_formats_n = ARRAY_LEN(feed_formats);
