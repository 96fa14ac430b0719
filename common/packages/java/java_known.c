/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java_known.c: groups of widely used artifacts whose archives have no pom inside, mostly since Gradle or Ant built them.
 * The name alone would be a guess; the classes' folders prove it.
 */
#include "packages/java/java_identity.h"

struct known {
    const char *artifact; /* with a star at its end: what begins so; the first row that fits counts */
    const char *group;
    const char *folder;       /* of its classes */
    const char *published_as; /* NULL: as artifact */
    unsigned from, to;        /* of its version's first number: from it, and below to (0: any) */
};

#define ROW(a, g, f)                                                                                                   \
    {                                                                                                                  \
        .artifact = a, .group = g, .folder = f                                                                         \
    }
#define AS(a, g, f, as)                                                                                                \
    {                                                                                                                  \
        .artifact = a, .group = g, .folder = f, .published_as = as                                                     \
    }
#define SINCE(a, g, f, from_, to_)                                                                                     \
    {                                                                                                                  \
        .artifact = a, .group = g, .folder = f, .from = from_, .to = to_                                               \
    }

static const struct known known[] = {
    ROW("spring-boot*", "org.springframework.boot", "org/springframework/boot"),
    ROW("spring-security*", "org.springframework.security", "org/springframework/security"),
    ROW("spring-data-*", "org.springframework.data", "org/springframework/data"),
    ROW("spring-cloud-*", "org.springframework.cloud", "org/springframework/cloud"),
    ROW("spring-integration-*", "org.springframework.integration", "org/springframework/integration"),
    ROW("spring-batch-*", "org.springframework.batch", "org/springframework/batch"),
    ROW("spring-session-*", "org.springframework.session", "org/springframework/session"),
    ROW("spring-kafka*", "org.springframework.kafka", "org/springframework/kafka"),
    ROW("spring-amqp", "org.springframework.amqp", "org/springframework/amqp"),
    ROW("spring-rabbit*", "org.springframework.amqp", "org/springframework/amqp"),
    ROW("spring-ldap-*", "org.springframework.ldap", "org/springframework/ldap"),
    ROW("spring-ws-*", "org.springframework.ws", "org/springframework/ws"),
    ROW("spring-xml", "org.springframework.ws", "org/springframework/xml"),
    ROW("spring-retry", "org.springframework.retry", "org/springframework/retry"),
    ROW("spring-hateoas", "org.springframework.hateoas", "org/springframework/hateoas"),
    ROW("spring-graphql", "org.springframework.graphql", "org/springframework/graphql"),
    ROW("spring-webflow", "org.springframework.webflow", "org/springframework/webflow"),
    ROW("spring-restdocs-*", "org.springframework.restdocs", "org/springframework/restdocs"),
    ROW("spring-vault-core", "org.springframework.vault", "org/springframework/vault"),
    ROW("spring-jcl", "org.springframework", "org/apache/commons/logging"),
    ROW("spring-*", "org.springframework", "org/springframework"),
    ROW("tomcat-embed-*", "org.apache.tomcat.embed", "org/apache"),
    ROW("tomcat-*", "org.apache.tomcat", "org/apache"),
    AS("catalina", "org.apache.tomcat", "org/apache/catalina", "tomcat-catalina"),
    AS("catalina-ha", "org.apache.tomcat", "org/apache/catalina", "tomcat-catalina-ha"),
    AS("jasper", "org.apache.tomcat", "org/apache/jasper", "tomcat-jasper"),
    ROW("kafka*", "org.apache.kafka", "org/apache/kafka"),
    ROW("kafka_*", "org.apache.kafka", "kafka"),
    ROW("connect-*", "org.apache.kafka", "org/apache/kafka"),
    ROW("lucene-*", "org.apache.lucene", "org/apache/lucene"),
    ROW("solr-*", "org.apache.solr", "org/apache/solr"),
    ROW("elasticsearch*", "org.elasticsearch", "org/elasticsearch"),
    ROW("opensearch*", "org.opensearch", "org/opensearch"),
    SINCE("hibernate-core", "org.hibernate", "org/hibernate", 0, 6),
    SINCE("hibernate-core", "org.hibernate.orm", "org/hibernate", 6, 0),
    SINCE("groovy*", "org.codehaus.groovy", "org/codehaus/groovy", 0, 4),
    SINCE("groovy*", "org.codehaus.groovy", "groovy", 0, 4),
    SINCE("groovy*", "org.apache.groovy", "org/apache/groovy", 4, 0),
    SINCE("groovy*", "org.apache.groovy", "groovy", 4, 0),
    SINCE("dom4j", "dom4j", "org/dom4j", 0, 2),
    SINCE("dom4j", "org.dom4j", "org/dom4j", 2, 0),
    ROW("kotlin-*", "org.jetbrains.kotlin", "kotlin"),
    ROW("kotlinx-coroutines-*", "org.jetbrains.kotlinx", "kotlinx/coroutines"),
    ROW("reactor-core", "io.projectreactor", "reactor/core"),
    ROW("reactor-netty-*", "io.projectreactor.netty", "reactor/netty"),
    SINCE("rxjava", "io.reactivex", "rx", 1, 2),
    SINCE("rxjava", "io.reactivex.rxjava2", "io/reactivex", 2, 3),
    SINCE("rxjava", "io.reactivex.rxjava3", "io/reactivex/rxjava3", 3, 4),
    ROW("okhttp", "com.squareup.okhttp3", "okhttp3"),
    ROW("okio*", "com.squareup.okio", "okio"),
    ROW("retrofit", "com.squareup.retrofit2", "retrofit2"),
    ROW("micronaut-*", "io.micronaut", "io/micronaut"),
    ROW("grpc-*", "io.grpc", "io/grpc"),
    ROW("postgresql", "org.postgresql", "org/postgresql"),
    ROW("h2", "com.h2database", "org/h2"),
    ROW("hsqldb", "org.hsqldb", "org/hsqldb"),
    ROW("derby*", "org.apache.derby", "org/apache/derby"),
    ROW("sqlite-jdbc", "org.xerial", "org/sqlite"),
    ROW("mysql-connector-java", "mysql", "com/mysql"),
    ROW("mysql-connector-j", "com.mysql", "com/mysql"),
    ROW("mariadb-java-client", "org.mariadb.jdbc", "org/mariadb/jdbc"),
    ROW("mssql-jdbc", "com.microsoft.sqlserver", "com/microsoft/sqlserver"),
    ROW("ojdbc*", "com.oracle.database.jdbc", "oracle/jdbc"),
    ROW("bcprov-*", "org.bouncycastle", "org/bouncycastle"),
    ROW("bcpkix-*", "org.bouncycastle", "org/bouncycastle"),
    ROW("bcutil-*", "org.bouncycastle", "org/bouncycastle"),
    ROW("bcpg-*", "org.bouncycastle", "org/bouncycastle"),
    ROW("bcmail-*", "org.bouncycastle", "org/bouncycastle"),
    ROW("bctls-*", "org.bouncycastle", "org/bouncycastle"),
    ROW("xercesImpl", "xerces", "org/apache/xerces"),
    ROW("xalan", "xalan", "org/apache/xalan"),
    SINCE("log4j", "log4j", "org/apache/log4j", 1, 2),
    ROW("struts2-*", "org.apache.struts", "org/apache/struts2"),
    ROW("commons-beanutils", "commons-beanutils", "org/apache/commons/beanutils"),
    ROW("commons-collections", "commons-collections", "org/apache/commons/collections"),
    ROW("commons-fileupload", "commons-fileupload", "org/apache/commons/fileupload"),
    ROW("commons-httpclient", "commons-httpclient", "org/apache/commons/httpclient"),
    ROW("javassist", "org.javassist", "javassist"),
    ROW("jruby-complete", "org.jruby", "org/jruby"),
    ROW("antlr", "antlr", "antlr"),
    ROW("aopalliance", "aopalliance", "org/aopalliance"),
    ROW("aspectjrt", "org.aspectj", "org/aspectj"),
    ROW("aspectjweaver", "org.aspectj", "org/aspectj"),
    ROW("checker-qual", "org.checkerframework", "org/checkerframework"),
    ROW("lz4-java", "org.lz4", "net/jpountz"),
    ROW("guice", "com.google.inject", "com/google/inject"),
    ROW("ant", "org.apache.ant", "org/apache/tools"),
};

bool java_has_package(struct slice packages, struct slice folder)
{
    struct slice one;
    while (slice_take_token(&packages, ' ', &one))
        if (slice_starts(one, folder) && (one.n == folder.n || one.p[folder.n] == '/'))
            return true;
    return false;
}

static bool fits(const char *pattern, struct slice artifact)
{
    struct slice p = slice_str(pattern);
    if (!slice_ends(p, SLICE("*")))
        return slice_eq(artifact, p);
    p.n--;
    return slice_starts(artifact, p);
}

static unsigned first_number(struct slice version)
{
    unsigned v = 0;
    for (size_t i = 0; i < version.n && i < 6 && version.p[i] >= '0' && version.p[i] <= '9'; i++)
        v = v * 10 + version.p[i] - '0';
    return v;
}

bool java_known(struct slice artifact, struct slice version, struct slice packages, struct slice *ret_group,
                struct slice *ret_artifact)
{
    unsigned major = first_number(version);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const struct known *k = &known[i];
        if (!fits(k->artifact, artifact) || major < k->from || (k->to && major >= k->to) ||
            !java_has_package(packages, slice_str(k->folder)))
            continue;
        *ret_group = slice_str(k->group);
        *ret_artifact = k->published_as ? slice_str(k->published_as) : artifact;
        return true;
    }
    return false;
}
